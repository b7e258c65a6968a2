import type { Environment } from '../connection.ts';
import { dynamo } from '../dynamo.ts';
import { ModelError } from '../errors.ts';
import { field, textField } from '../field.ts';
import { type Job, runOf } from './job.ts';
import { type Jobs, openJobs } from './jobs.ts';

/** A row goes by itself a day after its job had to be over, should nobody have removed it. */
const keptSeconds = 86_400;
const mostDue = 1_000;
/** How often what DynamoDB could not do now is asked again. */
const tries = 3;

/**
 * Open jobs as rows of the run table: 'job#<id>', with the job as JSON. What a condition or the index
 * needs stands beside it as attributes of its own.
 * @throws ModelError 'Model.Unavailable' where the table cannot be reached
 */
export function dynamoJobs(table: string, provider: string, environment: Environment): Jobs {
  const send = dynamo(environment);
  const key = (id: string) => ({ TableName: table, Key: { id: { S: `job#${id}` } } });

  /** The answer; null: a condition did not hold. */
  async function ask(operation: string, body: object): Promise<unknown> {
    let why = 'it could not be reached';
    for (let attempt = 0; attempt < tries; attempt++) {
      try {
        const answer = await send(operation, body);
        if (answer.ok) return answer.body;
        const type = textField(answer.body, '__type') ?? '';
        if (type.endsWith('ConditionalCheckFailedException')) return null;
        why = type;
      } catch {
        // It is asked again.
      }
      await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
    }
    throw new ModelError(
      'Model.Unavailable',
      `The table of background calls of ${provider} failed: ${why.slice(0, 100)}. Retry.`,
      { provider, model: 'unknown' },
    );
  }

  async function change(job: Job, expected: number, update: string, more: object = {}) {
    const done = await ask('UpdateItem', {
      ...key(job.id),
      UpdateExpression: update,
      ConditionExpression: '#attempt = :expected',
      ExpressionAttributeNames: { '#attempt': 'attempt', '#job': 'job' },
      ExpressionAttributeValues: {
        ':job': { S: JSON.stringify(job) },
        ':expected': { N: String(expected) },
        ...more,
      },
    });
    return done !== null;
  }

  async function listed(query: object, most: number): Promise<readonly string[]> {
    const ids: string[] = [];
    let from: unknown;
    do {
      const page = await ask('Query', {
        TableName: table,
        IndexName: openJobs.index,
        ...query,
        ...(from ? { ExclusiveStartKey: from } : {}),
      });
      const items = field(page, 'Items');
      for (const item of Array.isArray(items) ? items : []) {
        ids.push((textField(item, 'id', 'S') ?? '').slice('job#'.length));
      }
      from = field(page, 'LastEvaluatedKey');
    } while (from !== undefined && ids.length < most);
    return ids.slice(0, most);
  }

  const ofProvider = { [`#${openJobs.partition}`]: openJobs.partition };
  return {
    async add(job, due) {
      const item = {
        ...key(job.id).Key,
        job: { S: JSON.stringify(job) },
        attempt: { N: String(job.attempt) },
        [openJobs.partition]: { S: provider },
        [openJobs.sort]: { S: runOf(job) },
        [openJobs.due]: { N: String(due) },
        expires: { N: String(Math.ceil(job.deadline / 1000) + keptSeconds) },
      };
      const condition = 'attribute_not_exists(id)';
      return (
        (await ask('PutItem', { TableName: table, Item: item, ConditionExpression: condition })) !==
        null
      );
    },
    async get(id) {
      const answer = await ask('GetItem', { ...key(id), ConsistentRead: true });
      return jobIn(field(answer, 'Item'));
    },
    taken: (job) => change(job, job.attempt, 'SET #job = :job'),
    again: (job) =>
      change(job, job.attempt - 1, 'SET #job = :job, #attempt = :next', {
        ':next': { N: String(job.attempt) },
      }),
    async remove(id) {
      const answer = await ask('DeleteItem', { ...key(id), ReturnValues: 'ALL_OLD' });
      return jobIn(field(answer, 'Attributes'));
    },
    ofRun: (run) =>
      listed(
        {
          KeyConditionExpression: '#open = :open AND #run = :run',
          ExpressionAttributeNames: { ...ofProvider, '#run': openJobs.sort },
          ExpressionAttributeValues: { ':open': { S: provider }, ':run': { S: run } },
        },
        Number.POSITIVE_INFINITY,
      ),
    due: (now) =>
      listed(
        {
          KeyConditionExpression: '#open = :open',
          FilterExpression: '#due <= :now',
          ExpressionAttributeNames: { ...ofProvider, '#due': openJobs.due },
          ExpressionAttributeValues: { ':open': { S: provider }, ':now': { N: String(now) } },
        },
        mostDue,
      ),
    async lookAgain(id, due) {
      await ask('UpdateItem', {
        ...key(id),
        UpdateExpression: 'SET #due = :due',
        ConditionExpression: 'attribute_exists(id)',
        ExpressionAttributeNames: { '#due': openJobs.due },
        ExpressionAttributeValues: { ':due': { N: String(due) } },
      });
    },
  };
}

function jobIn(item: unknown): Job | null {
  const text = textField(item, 'job', 'S');
  return text === undefined ? null : (JSON.parse(text) as Job);
}
