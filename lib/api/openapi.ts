import type { Json, JsonObject } from '../json.ts';
import type { WorkflowInfo } from '../run/runner.ts';

/** The API as an OpenAPI 3.1 document: one path to start each workflow, with its input's schema. */
export function openApi(workflows: readonly WorkflowInfo[]): JsonObject {
  return {
    openapi: '3.1.0',
    info: { title: 'Cloudgather', version: '1' },
    paths: {
      '/workflows': { get: operation('List the workflows', {}, ['200']) },
      ...Object.fromEntries(workflows.flatMap(pathsOf)),
    },
    components: { schemas: { Run: run, Problem: problem } },
  };
}

function pathsOf(workflow: WorkflowInfo): [string, Json][] {
  const self = `/workflows/${encodeURIComponent(workflow.name)}`;
  const one = `${self}/runs/{id}`;
  const id = [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }];
  const key = { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 255 } };
  const limit = {
    name: 'limit',
    in: 'query',
    schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
  };
  const last = { name: 'Last-Event-ID', in: 'header', schema: { type: 'string' } };
  const watch = { name: 'watch', in: 'query', schema: { type: 'boolean', default: false } };
  const approval = { name: 'approval', in: 'path', required: true, schema: { type: 'string' } };
  const answer = {
    requestBody: { required: true, content: { 'application/json': { schema: approvalAnswer } } },
  };
  const reuse = { name: 'reuse', in: 'query', schema: { type: 'string', maxLength: 80 } };
  const start = {
    parameters: [key, watch, reuse],
    requestBody: { content: { 'application/json': { schema: workflow.inputSchema } } },
    ...(workflow.description !== null && { description: workflow.description }),
  };
  return [
    [self, { get: operation(`Describe ${workflow.name}`, {}, ['200']) }],
    [
      `${self}/runs`,
      {
        post: operation(`Start ${workflow.name}`, start, ['202', '200']),
        get: operation(`List the runs of ${workflow.name}`, { parameters: [limit] }, ['200']),
      },
    ],
    [one, { get: operation('Get a run', { parameters: id }, ['200']) }],
    [`${one}/stop`, { post: operation('Stop a run', { parameters: id }, ['200']) }],
    [`${one}/redrive`, { post: operation('Redrive a run', { parameters: id }, ['202']) }],
    [
      `${one}/approvals`,
      { get: operation('List what a run asks people', { parameters: id }, ['200']) },
    ],
    [
      `${one}/approvals/{approval}`,
      {
        post: operation('Answer an approval', { parameters: [...id, approval], ...answer }, [
          '200',
        ]),
      },
    ],
    [
      `${one}/events`,
      {
        get: operation('Follow a run', { parameters: [...id, last] }, ['200'], 'text/event-stream'),
      },
    ],
  ];
}

function operation(
  summary: string,
  more: JsonObject,
  statuses: readonly string[],
  type = 'application/json',
): JsonObject {
  const isRun = /^(Start|Get|Stop|Redrive)/.test(summary);
  const content = { [type]: isRun ? { schema: { $ref: '#/components/schemas/Run' } } : {} };
  const problems = {
    'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
  };
  return {
    summary,
    ...more,
    responses: {
      ...Object.fromEntries(statuses.map((status) => [status, { description: 'Done', content }])),
      default: { description: 'A problem (RFC 9457)', content: problems },
    },
  };
}

const text = { type: 'string' } as const;

const approvalAnswer: JsonObject = {
  type: 'object',
  required: ['approved'],
  properties: {
    approved: { type: 'boolean' },
    comment: { type: ['string', 'null'], maxLength: 2000 },
    by: { type: ['string', 'null'], maxLength: 100 },
  },
};

const account: JsonObject = {
  type: 'object',
  required: ['limit', 'spent', 'left'],
  properties: {
    limit: { type: 'number' },
    spent: { type: 'number' },
    left: { type: 'number' },
  },
};

const run: JsonObject = {
  type: 'object',
  required: ['id', 'workflow', 'status', 'startedAt', 'input', 'steps', 'usage', 'price', 'links'],
  properties: {
    id: text,
    workflow: text,
    status: { enum: ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] },
    startedAt: { type: 'string', format: 'date-time' },
    stoppedAt: { type: 'string', format: 'date-time' },
    interrupted: { const: true },
    input: {},
    output: {},
    error: { type: ['string', 'null'] },
    cause: { type: ['string', 'null'] },
    steps: { type: 'array', items: { type: 'object' } },
    usage: { type: 'object' },
    price: { type: ['object', 'null'] },
    budget: {
      type: 'object',
      required: ['unsettled'],
      properties: { usd: account, tokens: account, unsettled: { type: 'integer' } },
    },
    spendIsWhole: { const: false },
    links: { type: 'object', additionalProperties: text },
  },
};

const problem: JsonObject = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: text,
    title: text,
    status: { type: 'integer' },
    detail: text,
    errors: {
      type: 'array',
      items: { type: 'object', properties: { pointer: text, detail: text } },
    },
  },
};
