import { WorkflowInvalid } from '../errors.ts';
import type { JsonSchema } from '../json.ts';
import { checkOptions } from './options.ts';
import { type Schema, type SchemaOutput, toJsonSchema } from './schema.ts';
import type { Symbolic } from './symbolic.ts';

export interface ToolOptions<S extends Schema> {
  /** What it does and when to use it: the model reads this. */
  readonly description: string;
  /** The arguments, an object. The model's are checked against it before the tool runs. */
  readonly input: S;
  /** What runs: a step, or an async function of several. */
  readonly run: (input: Symbolic<SchemaOutput<S>>) => unknown;
}

/** What an agent may call. */
export interface Tool {
  readonly description: string;
  readonly parameters: JsonSchema;
  readonly run: (input: never) => unknown;
}

/**
 * A tool for `agent`: steps of this workflow that a model may ask for.
 *
 * - Result: becomes text that the model reads; what is no text becomes JSON.
 * - First failure: is told to the model as text (`Search.Failed: ...`), and fails nothing.
 * - Limits: as of the steps that it runs.
 *
 * It costs its steps, when it is called.
 *
 * @throws WorkflowInvalid
 */
export function tool<S extends Schema>(options: ToolOptions<S>): Tool {
  checkOptions(options, ['description', 'input', 'run'], 'tool(...)');
  const { description, input, run } = options;
  if (typeof description !== 'string' || !description.trim() || typeof run !== 'function') {
    throw new WorkflowInvalid(
      "A tool has no description or nothing to run. Write tool({ description: 'Searches the web.', input: z.object({ query: z.string() }), run: (input) => search(input) }).",
    );
  }
  const parameters = toJsonSchema(input, 'input', 'The input of tool(...)');
  return Object.freeze({ description, parameters, run: run as Tool['run'] });
}
