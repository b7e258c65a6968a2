import type { Json, JsonObject } from '../json.ts';
import { ModelError, type ModelErrorName } from './errors.ts';
import { readOutput, schemaProblem } from './output-check.ts';
import type { RawToolCall, Reply } from './reply.ts';
import type { ModelRequest, ToolCall } from './request.ts';

/** What a reply says, or why that cannot be used. */
export type Answer = Usable | Unusable;

export interface Usable {
  readonly output: Json;
  readonly toolCalls: readonly ToolCall[];
}

export interface Unusable {
  /** The end of a sentence that begins with "the answer". */
  readonly problem: string;
  /** What to do about it, as a sentence. */
  readonly mend: string;
  /** Asking again cannot help. Default: it may. */
  readonly isFinal?: boolean;
}

export interface AnswerOf {
  readonly provider: string;
  readonly request: ModelRequest;
  readonly wrapped: boolean;
}

/**
 * What a reply says.
 * @throws ModelError Truncated, Refused, Overloaded, Unavailable: for what it cannot
 */
export function answerIn(reply: Reply, of: AnswerOf): Answer {
  const { request } = of;
  checkEnding(reply, of);
  const toolCalls = reply.toolCalls.map((call) => readToolCall(call, request));
  const wrong = toolCalls.find((call) => 'problem' in call);
  if (wrong !== undefined && 'problem' in wrong) return wrong;
  const calls = toolCalls.filter((call) => 'id' in call);
  const isEmpty = reply.text.trim() === '';
  if (isEmpty && calls.length > 0) return { output: null, toolCalls: calls };
  if (isEmpty) {
    return {
      problem: 'is empty',
      mend: 'Ask again, or check what the instructions and extra ask for.',
    };
  }
  // Beside tool calls, the text is a remark and not yet the answer.
  if (request.output === undefined || calls.length > 0) {
    return { output: reply.text, toolCalls: calls };
  }
  const read = readOutput(reply.text, request.output.schema, of.wrapped);
  if ('value' in read) return { output: read.value, toolCalls: [] };
  return {
    ...read,
    mend: 'Say in the instructions what is wanted, or loosen the schema.',
  };
}

function checkEnding(reply: Reply, of: AnswerOf): void {
  const fail = (name: ModelErrorName, sentence: string) =>
    new ModelError(name, `${of.provider}:${of.request.model} ${sentence}`, {
      provider: of.provider,
      model: of.request.model,
      status: 200,
    });
  const tokens = reply.spend?.usage.outputTokens;
  switch (reply.ending) {
    case 'truncated':
      throw fail(
        'Model.Truncated',
        `was cut off${tokens === undefined ? '' : ` after ${tokens} output tokens`}. Raise maxOutputTokens, lower reasoningEffort, or ask for less.`,
      );
    case 'filtered':
      throw fail(
        'Model.Refused',
        'did not answer: a content filter stopped it. Change the prompt.',
      );
    case 'refused':
      throw fail('Model.Refused', 'refused to answer. Change the prompt or the instructions.');
    case 'overloaded':
      throw fail('Model.Overloaded', 'broke off: the provider has no capacity now. Retry later.');
    case 'failed':
      throw fail('Model.Unavailable', 'broke off with an error of the model behind it. Retry.');
  }
}

function readToolCall(
  { id, name, arguments: text, extra }: RawToolCall,
  request: ModelRequest,
): ToolCall | Unusable {
  const tool = request.tools?.find((each) => each.name === name);
  const mend = "Describe the tool better, or loosen its parameters' schema.";
  if (tool === undefined) {
    return { problem: 'calls a tool that was not offered', mend };
  }
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    return { problem: `calls ${name} with arguments that are not JSON`, mend };
  }
  const problem = schemaProblem(given, tool.parameters);
  if (problem !== null || given === null || typeof given !== 'object' || Array.isArray(given)) {
    return {
      problem: `calls ${name} with arguments that are not what it takes: it ${problem ?? 'is no object'}`,
      mend,
    };
  }
  return {
    id,
    name,
    arguments: given as JsonObject,
    ...(extra === undefined ? {} : { extra }),
  };
}
