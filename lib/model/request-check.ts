import { budgetProblem } from './budget/budget.ts';
import { isCaller } from './caller.ts';
import { ModelError } from './errors.ts';
import { mostRepairs } from './repair.ts';
import type { ModelRequest } from './request.ts';

type Problem = string | null;

const roles = ['system', 'user', 'assistant', 'tool'];
const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'];
const limitNames = ['requestsPerMinute', 'tokensPerMinute', 'inFlight'];
const choices = ['auto', 'none', 'required'];

/** What each field must be; every check gives the end of a sentence that begins with the field. */
const checks: Readonly<Record<keyof ModelRequest, (value: unknown) => Problem>> = {
  model: (value) =>
    typeof value === 'string' && /^[^\s\p{Cc}]{1,200}$/u.test(value)
      ? null
      : `must be the provider's name of the model, 1 to 200 characters without spaces, not ${kindOf(value)}`,
  instructions: text,
  prompt: text,
  attachments: (value) =>
    Array.isArray(value) && value.every((part) => isPart(part) && part.type !== 'text')
      ? null
      : partRule,
  messages: (value) =>
    Array.isArray(value) && value.length > 0
      ? messages(value)
      : 'must be a list of at least one message',
  tools: (value) =>
    Array.isArray(value) && value.length > 0 && value.every(isTool)
      ? null
      : "must be a list of tools, each with a name of 1 to 64 letters, digits, '_' or '-', and a JSON Schema object as parameters",
  toolChoice: (value) =>
    choices.includes(String(value)) || (isObject(value) && isName(value.name))
      ? null
      : `must be one of ${choices.join(', ')}, or an object with a tool's name`,
  output: (value) =>
    isObject(value) && isName(value.name) && isObject(value.schema)
      ? null
      : "must have a name of 1 to 64 letters, digits, '_' or '-', and a JSON Schema object as schema",
  repairs: (value) =>
    Number.isSafeInteger(value) ? number(value, 0, mostRepairs) : 'must be a whole number',
  temperature: (value) => number(value, 0, 2),
  topP: (value) => number(value, 0, 1),
  maxOutputTokens: (value) =>
    Number.isSafeInteger(value) && Number(value) > 0
      ? null
      : `must be a whole number above 0, not ${kindOf(value)}`,
  reasoningEffort: (value) =>
    efforts.includes(String(value)) ? null : `must be one of ${efforts.join(', ')}`,
  serviceTier: text,
  cacheInstructions: (value) => (typeof value === 'boolean' ? null : 'must be true or false'),
  limits: (value) =>
    isObject(value) &&
    Object.entries(value).every(
      ([name, limit]) => limitNames.includes(name) && typeof limit === 'number' && limit > 0,
    )
      ? null
      : `must be an object of numbers above 0: ${limitNames.join(', ')}`,
  price: (value) =>
    isObject(value) && isPrice(value)
      ? null
      : 'must have inputPerMillion and outputPerMillion, and may have cachedInputPerMillion: US dollars, 0 or more',
  budget: (value) =>
    isObject(value) && typeof value.run === 'string'
      ? budgetProblem(value, ['run'])
      : 'must be an object with a run',
  turn: (value) =>
    isObject(value) && typeof value.run === 'string' ? null : 'must be an object with a run',
  caller: (value) =>
    isCaller(value)
      ? null
      : 'must be a list of a run, its workflow, its state and the index of an item',
  reuse: (value) => (typeof value === 'boolean' ? null : 'must be true or false'),
  payload: (value) =>
    isObject(value) && (value.share === undefined || typeof value.share === 'number')
      ? null
      : 'must be an object with a number as share',
  timeoutSeconds: (value) => number(value, 0, 172_800) ?? (value === 0 ? 'must be above 0' : null),
  extra: (value) => (isObject(value) ? null : `must be an object, not ${kindOf(value)}`),
};

/**
 * Takes an event for what it should be. Messages name fields and kinds, never values: a value may be
 * the prompt.
 * @throws ModelError 'Model.Rejected'
 */
export function checkRequest(event: unknown, provider: string): ModelRequest {
  const named =
    isObject(event) && checks.model(event.model) === null ? String(event.model) : 'unknown';
  const reject = (sentence: string) =>
    new ModelError('Model.Rejected', `The request for ${provider} is not valid: ${sentence}.`, {
      provider,
      model: named,
    });
  if (!isObject(event)) throw reject(`it must be an object, not ${kindOf(event)}`);
  for (const key of Object.keys(event)) {
    if (!Object.hasOwn(checks, key)) {
      throw reject(
        `it has ${/^\w{1,40}$/.test(key) ? `the field ${key}, which` : 'a field that'} is not known. Allowed: ${Object.keys(checks).join(', ')}; anything else of the provider's goes into extra`,
      );
    }
  }
  for (const [key, check] of Object.entries(checks)) {
    const value = event[key];
    const problem = value === undefined && key !== 'model' ? null : check(value);
    if (problem !== null) throw reject(`${key} ${problem}`);
  }
  if ((event.prompt === undefined) === (event.messages === undefined)) {
    throw reject('it must have either prompt or messages, one of the two');
  }
  if (event.attachments !== undefined && event.prompt === undefined) {
    throw reject('attachments go with a prompt; in messages, write them into the content');
  }
  return event as unknown as ModelRequest;
}

function text(value: unknown): Problem {
  return typeof value === 'string' && value !== ''
    ? null
    : `must be a text that is not empty, not ${kindOf(value)}`;
}

function number(value: unknown, from: number, to: number): Problem {
  return typeof value === 'number' && value >= from && value <= to
    ? null
    : `must be a number from ${from} to ${to}, not ${kindOf(value)}`;
}

const priceNames = ['inputPerMillion', 'outputPerMillion', 'cachedInputPerMillion'];

function isPrice(value: Record<string, unknown>): boolean {
  const names = Object.keys(value);
  return (
    priceNames.slice(0, 2).every((name) => names.includes(name)) &&
    names.every((name) => priceNames.includes(name) && Number(value[name]) >= 0)
  );
}

function messages(list: readonly unknown[]): Problem {
  const wrong = list.findIndex((message) => !isMessage(message));
  return wrong === -1
    ? null
    : `must hold messages with a role (${roles.join(', ')}) and a text as content, or for a user a list of parts (text, image, file), and for a tool a toolCallId; the one at index ${wrong} is not so`;
}

function isMessage(message: unknown): boolean {
  if (!isObject(message) || !roles.includes(String(message.role))) return false;
  const { role, content, toolCalls, toolCallId } = message;
  if (role === 'tool' && typeof toolCallId !== 'string') return false;
  if (toolCalls !== undefined && !(role === 'assistant' && isCalls(toolCalls))) return false;
  if (role === 'user' && Array.isArray(content)) return content.length > 0 && content.every(isPart);
  return typeof content === 'string';
}

function isCalls(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (call) =>
        isObject(call) &&
        typeof call.id === 'string' &&
        isName(call.name) &&
        isObject(call.arguments),
    )
  );
}

const partRule =
  "must be a list of images and files, each with a type ('image' or 'file') and a url that begins with https://, http:// or data:";

function isPart(part: unknown): part is { readonly type: string } {
  if (!isObject(part)) return false;
  if (part.type === 'text') return typeof part.text === 'string';
  const named = part.type === 'image' || part.type === 'file';
  return named && typeof part.url === 'string' && /^(https?:\/\/|data:)/.test(part.url);
}

function isTool(tool: unknown): boolean {
  return isObject(tool) && isName(tool.name) && isObject(tool.parameters);
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (value === '') return 'an empty text';
  if (Array.isArray(value)) return 'a list';
  return (
    { string: 'that text', number: 'that number', object: 'an object' }[typeof value as string] ??
    typeof value
  );
}
