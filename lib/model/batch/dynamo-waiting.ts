import { jobIn, writtenOf } from '../background/dynamo-jobs.ts';
import { jobTable } from '../background/job-table.ts';
import { openJobs, waitingPart } from '../background/jobs.ts';
import type { Environment } from '../connection.ts';
import { field } from '../field.ts';
import type { WaitingJobs } from './waiting.ts';

const most = 20_000;
const kind = 'job#';

/**
 * Waiting jobs as rows of the run table: a part of the index says that they wait.
 * @throws ModelError 'Model.Unavailable' where the table cannot be reached
 */
export function dynamoWaiting(
  table: string,
  provider: string,
  environment: Environment,
): WaitingJobs {
  const { ask, key: rowKey, listed } = jobTable(table, provider, environment);
  const part = waitingPart(provider);
  const key = (id: string) => rowKey(`${kind}${id}`);
  const names = {
    '#job': 'job',
    '#attempt': 'attempt',
    '#open': openJobs.partition,
    '#due': openJobs.due,
    '#batch': 'batch',
  };
  return {
    async list() {
      const rows = await listed(part, null, most);
      return rows.map(({ id, due }) => ({ id: id.slice(kind.length), from: due }));
    },
    async claim(job, attempt = job.attempt) {
      const body = {
        ...key(job.id),
        UpdateExpression:
          'SET #job = :job, #attempt = :attempt, #open = :open, #due = :due, #batch = :batch',
        ConditionExpression: '#open = :waiting AND #attempt = :expected',
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: {
          ':job': { S: JSON.stringify(job) },
          ':attempt': { N: String(job.attempt) },
          ':expected': { N: String(attempt) },
          ':open': { S: provider },
          ':due': { N: String(job.deadline) },
          ':batch': { S: job.batch ?? '' },
          ':waiting': { S: part },
        },
      };
      return (await ask('UpdateItem', body, writtenOf(job))) !== null;
    },
    async release({ batch: _, ...job }, batch, from) {
      const body = {
        ...key(job.id),
        UpdateExpression: 'SET #job = :job, #open = :open, #due = :due REMOVE #batch',
        ConditionExpression: '#attempt = :attempt AND #batch = :batch',
        ExpressionAttributeNames: names,
        ExpressionAttributeValues: {
          ':job': { S: JSON.stringify(job) },
          ':attempt': { N: String(job.attempt) },
          ':open': { S: part },
          ':due': { N: String(from) },
          ':batch': { S: batch },
        },
      };
      return (await ask('UpdateItem', body, writtenOf(job))) !== null;
    },
    async drop(id) {
      const answer = await ask('DeleteItem', {
        ...key(id),
        ConditionExpression: '#open = :waiting',
        ExpressionAttributeNames: { '#open': openJobs.partition },
        ExpressionAttributeValues: { ':waiting': { S: part } },
        ReturnValues: 'ALL_OLD',
      });
      return jobIn(field(answer, 'Attributes'));
    },
  };
}
