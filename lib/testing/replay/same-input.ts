import type { Json, JsonObject } from '../../json.ts';

/** What is otherwise in every execution. */
export interface OwnNames {
  /** The call's task token. */
  readonly token: string | undefined;
  /** Stand in the document where a deployment has its own names: they are like anything. */
  readonly marks: readonly string[];
}

/** Of a model request: who asks, and whose turn, limit and budget it is. */
const ofTheRun = ['caller', 'turn', 'limits', 'budget', 'payload', 'reuse'];

/**
 * Whether a call's input is the recorded one, but for task tokens, the names of a deployment, and what a
 * model request says of its run.
 */
export function sameInput(input: Json, recorded: Json, own: OwnNames): boolean {
  if (typeof input === 'string') {
    const isOwn = input === own.token || own.marks.some((mark) => input.includes(mark));
    return isOwn ? typeof recorded === 'string' : input === recorded;
  }
  if (typeof input !== 'object' || input === null) return input === recorded;
  if (typeof recorded !== 'object' || recorded === null) return false;
  if (Array.isArray(input) !== Array.isArray(recorded)) return false;
  const keys = new Set([...Object.keys(input), ...Object.keys(recorded)]);
  if (isModelRequest(input)) for (const key of ofTheRun) keys.delete(key);
  return [...keys].every((key) => {
    const [a, b] = [(input as JsonObject)[key], (recorded as JsonObject)[key]];
    return a !== undefined && b !== undefined && sameInput(a, b, own);
  });
}

function isModelRequest(input: object): boolean {
  return 'model' in input && ('prompt' in input || 'messages' in input);
}
