import type { Environment } from '../connection.ts';
import { field, textField } from '../field.ts';
import { type Job, runOf } from './job.ts';
import { jobTable, placeOf, type Written } from './job-table.ts';
import { type Jobs, openJobs, waitingPart } from './jobs.ts';

/** A row goes by itself a day after its job had to be over, should nobody have removed it. */
const keptSeconds = 86_400;
const mostDue = 1_000;
const kind = 'job#';

/**
 * Open jobs as rows of the run table: 'job#<id>', with the job as JSON. What a condition or the index
 * needs stands beside it as attributes of its own.
 * @throws ModelError 'Model.Unavailable' where the table cannot be reached
 */
export function dynamoJobs(table: string, provider: string, environment: Environment): Jobs {
  const { ask, key: rowKey, listed, due: dueOf } = jobTable(table, provider, environment);
  const key = (id: string) => rowKey(`${kind}${id}`);
  const idsOf = (rows: readonly { readonly id: string }[]) =>
    rows.map(({ id }) => id.slice(kind.length));

  async function change(job: Job, expected: number, update: string, more: Attributes = {}) {
    const body = {
      ...key(job.id),
      UpdateExpression: update,
      ConditionExpression: '#attempt = :expected',
      ExpressionAttributeNames: { '#attempt': 'attempt', '#job': 'job', ...more.names },
      ExpressionAttributeValues: {
        ':job': { S: JSON.stringify(job) },
        ':expected': { N: String(expected) },
        ...more.values,
      },
    };
    return (await ask('UpdateItem', body, writtenOf(job))) !== null;
  }

  return {
    async add(job, due) {
      // One that waits for a batch can be collected at once.
      const [part, from] = waits(job) ? [waitingPart(provider), job.started] : [provider, due];
      const item = {
        ...key(job.id).Key,
        job: { S: JSON.stringify(job) },
        attempt: { N: String(job.attempt) },
        [openJobs.partition]: { S: part },
        [openJobs.sort]: { S: placeOf(runOf(job), job.id) },
        [openJobs.due]: { N: String(from) },
        expires: { N: String(Math.ceil(job.deadline / 1000) + keptSeconds) },
      };
      const condition = 'attribute_not_exists(id)';
      const put = { TableName: table, Item: item, ConditionExpression: condition };
      return (await ask('PutItem', put, writtenOf(job))) !== null;
    },
    async get(id) {
      const answer = await ask('GetItem', { ...key(id), ConsistentRead: true });
      return jobIn(field(answer, 'Item'));
    },
    taken: (job) => change(job, job.attempt, 'SET #job = :job'),
    again: (job) => {
      const next = { ':next': { N: String(job.attempt) } };
      const update = 'SET #job = :job, #attempt = :next';
      if (!waits(job)) return change(job, job.attempt - 1, update, { values: next });
      return change(job, job.attempt - 1, `${update}, #open = :open, #due = :due REMOVE #batch`, {
        names: { '#open': openJobs.partition, '#due': openJobs.due, '#batch': 'batch' },
        values: { ...next, ':open': { S: waitingPart(provider) }, ':due': { N: '0' } },
      });
    },
    async remove(id) {
      const answer = await ask('DeleteItem', { ...key(id), ReturnValues: 'ALL_OLD' });
      return jobIn(field(answer, 'Attributes'));
    },
    async ofRun(run) {
      const parts = [provider, waitingPart(provider)];
      return (await Promise.all(parts.map((part) => listed(part, run)))).flatMap(idsOf);
    },
    due: async (now) => idsOf(await dueOf(provider, now, mostDue)),
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

interface Attributes {
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, object>>;
}

function waits({ lane, batch }: Job): boolean {
  return lane === 'batch' && batch === undefined;
}

/** What a change of a job writes. */
export function writtenOf(job: Job): Written {
  return { id: `${kind}${job.id}`, attribute: 'job', text: JSON.stringify(job) };
}

/** The job in a row, as the table gave it. */
export function jobIn(item: unknown): Job | null {
  const text = textField(item, 'job', 'S');
  return text === undefined ? null : (JSON.parse(text) as Job);
}
