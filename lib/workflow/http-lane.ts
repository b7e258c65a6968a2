import { WorkflowInvalid } from '../errors.ts';
import type { ModelErrorName } from '../model/errors.ts';
import { type Provider, providerNamed } from '../model/providers.ts';
import { wireSchema } from '../model/wire-schema.ts';
import {
  type CallNode,
  type Graph,
  type ModelTarget,
  type Node,
  nodesIn,
  nothing,
  type Value,
} from './graph.ts';

/** What a call in the lane 'http' may have, as its request's own fields. */
const served = [
  'model',
  'instructions',
  'prompt',
  'messages',
  'output',
  'temperature',
  'topP',
  'maxOutputTokens',
  'reasoningEffort',
  'serviceTier',
  'extra',
];

/** Why the others need a function. */
const reasons: Readonly<Record<string, string>> = {
  attachments: 'images and files are put into the form that each provider wants',
  tools: "a tool's arguments are parsed and checked",
  toolChoice: "a tool's arguments are parsed and checked",
  repairs: 'an answer that cannot be used is asked for again',
  cacheInstructions: 'marks are put where each provider wants them',
  limits: 'calls wait for their turn',
  price: 'what a call costs is counted by other prices than those of the list',
};

/** A retry by what only the answer tells would be a retry of every such answer. */
const toldByAnswer: readonly ModelErrorName[] = [
  'Model.Refused',
  'Model.Truncated',
  'Model.OutputInvalid',
];

/**
 * In the lane 'http' no function stands between Step Functions and the provider. So a call has plain
 * texts in and one answer out, of a provider with a key; JSON only where the provider itself keeps to the
 * schema, since nothing here checks it; and no budget, which functions keep.
 * @throws WorkflowInvalid, by the name of what the lane cannot do
 */
export function checkHttpCalls({ name, body, budget }: Graph): void {
  for (const node of nodesIn(body)) {
    if (!isHttpCall(node)) continue;
    const refuse: Refuse = (what) =>
      new WorkflowInvalid(
        `Model call '${node.name ?? node.label}' in workflow '${name}' has the lane 'http', where no function runs. ${what} ` +
          "Leave it out, or leave out the lane: 'sync' does all of it.",
      );
    checkCall(node, refuse);
    if (budget !== undefined) throw refuse('The workflow has a budget, which functions keep.');
  }
}

type Refuse = (what: string) => WorkflowInvalid;

function checkCall({ target, payload, retry }: HttpCallNode, refuse: Refuse): void {
  const fields = new Map(payload.kind === 'object' ? payload.entries : []);
  if (target.baseURL !== null) {
    throw refuse(
      "It has a baseURL of the workflow's own, which cannot be called from there; a provider of the table can, and a deployment may replace its URL.",
    );
  }
  const provider = providerNamed(target.provider);
  checkProvider(provider, fields, refuse);
  for (const name of fields.keys()) {
    if (served.includes(name)) continue;
    throw refuse(`It has ${name}, which takes one: there ${reasons[name] ?? 'it is read'}.`);
  }
  checkFixed(fields, refuse);
  checkOutput(provider, fields.get('output'), refuse);
  checkMessages(fields.get('messages'), refuse);
  const error = toldByAnswer.find((each) =>
    retry?.some(({ ErrorEquals }) => ErrorEquals.includes(each)),
  );
  if (error === undefined) return;
  throw refuse(
    `It is retried on ${error}, which is told from its answer, when the state has done its work; .catch('${error}', ...) takes it.`,
  );
}

function checkProvider(
  { title, needsKey, responsesModels, reasoningEffort, serviceTier }: Provider,
  fields: ReadonlyMap<string, Value>,
  refuse: Refuse,
): void {
  if (!needsKey) {
    throw refuse(
      `${title} is called without a key or signed for by a role, and an HTTP Task takes a key from an EventBridge connection.`,
    );
  }
  const model = fixedValue(fields.get('model') ?? nothing);
  if (typeof model === 'string' && responsesModels?.test(model)) {
    throw refuse(
      `${title} serves ${model} by its Responses API only, and this lane has the other.`,
    );
  }
  const takes = { reasoningEffort, serviceTier };
  for (const [name, isTaken] of Object.entries(takes)) {
    if (!isTaken && fields.has(name)) throw refuse(`It has ${name}, which ${title} does not take.`);
  }
}

/** What goes into the request as it is has to be known now. */
function checkFixed(fields: ReadonlyMap<string, Value>, refuse: Refuse): void {
  const words = ['instructions', 'prompt', 'messages'];
  for (const [name, value] of fields) {
    if (words.includes(name) || isFixed(value)) continue;
    throw refuse(`Its ${name} is known to a run only, and here it is fixed in the document.`);
  }
}

function checkOutput(provider: Provider, output: Value | undefined, refuse: Refuse): void {
  if (output === undefined) return;
  const { schema } = fixedValue(output) as { readonly schema: Parameters<typeof wireSchema>[0] };
  if (provider.structuredOutput !== 'json_schema') {
    throw refuse(
      `It has an output schema, which ${provider.title} does not enforce and which a function would check.`,
    );
  }
  if (wireSchema(schema).strict) return;
  throw refuse(
    'Its output schema is looser than what a provider enforces (every property required, no others, no rules but those of strict structured outputs), so that a function would have to check the answer.',
  );
}

/** Of a conversation the roles are known, and each content is a text. */
function checkMessages(messages: Value | undefined, refuse: Refuse): void {
  if (messages === undefined) return;
  const items = messages.kind === 'array' ? messages.items : [null];
  const roles = ['system', 'user', 'assistant'];
  for (const item of items) {
    const fields = item?.kind === 'object' ? new Map(item.entries) : new Map<string, Value>();
    const content = fields.get('content');
    const isPlain =
      roles.includes(String(fixedValue(fields.get('role') ?? nothing))) &&
      content !== undefined &&
      !['object', 'array'].includes(content.kind);
    if (isPlain && fields.size === 2) continue;
    throw refuse(
      `Its messages are more than a list, written here, of { role, content } with the roles ${roles.join(', ')} and texts as contents.`,
    );
  }
}

export type HttpCallNode = CallNode & { readonly target: ModelTarget };

export function isHttpCall(node: Node): node is HttpCallNode {
  return node.kind === 'call' && node.target.kind === 'model' && node.target.lane === 'http';
}

function isFixed(value: Value): boolean {
  if (value.kind === 'array') return value.items.every(isFixed);
  if (value.kind === 'object') return value.entries.every(([, child]) => isFixed(child));
  return value.kind === 'literal';
}

/** The JSON of a value that no run changes. */
export function fixedValue(value: Value): unknown {
  if (value.kind === 'array') return value.items.map(fixedValue);
  if (value.kind === 'object') {
    return Object.fromEntries(value.entries.map(([key, child]) => [key, fixedValue(child)]));
  }
  return value.kind === 'literal' ? value.value : null;
}
