import { jobTable, placeOf } from '../background/job-table.ts';
import { openJobs } from '../background/jobs.ts';
import type { Environment } from '../connection.ts';
import { field, textField } from '../field.ts';
import type { Batch } from './batch.ts';
import type { Batches } from './batches.ts';

/** Two days of the longest call, and one more. */
const keptSeconds = 3 * 86_400;
const mostDue = 200;
const kind = 'batch#';

/**
 * Open batches as rows of the run table: 'batch#<id>', with the batch as JSON. 5,000 ids of jobs are
 * 175 KB of the 400 that a row may have.
 * @throws ModelError 'Model.Unavailable' where the table cannot be reached
 */
export function dynamoBatches(table: string, provider: string, environment: Environment): Batches {
  const { ask, key: rowKey, listed, due } = jobTable(table, provider, environment);
  const part = `${provider}#batches`;
  const key = (id: string) => rowKey(`${kind}${id}`);
  const idsOf = (rows: readonly { readonly id: string }[]) =>
    rows.map(({ id }) => id.slice(kind.length));

  async function write(batch: Batch, at: number, condition: string): Promise<boolean> {
    const values = {
      batch: { S: JSON.stringify(batch) },
      [openJobs.partition]: { S: part },
      [openJobs.sort]: { S: placeOf(batch.model, batch.id) },
      [openJobs.due]: { N: String(at) },
      expires: { N: String(Math.ceil(batch.created / 1000) + keptSeconds) },
    };
    const names = Object.keys(values);
    const body = {
      ...key(batch.id),
      UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
      ConditionExpression: condition,
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: Object.fromEntries(
        Object.entries(values).map(([name, value]) => [`:${name}`, value]),
      ),
    };
    const written = { id: `${kind}${batch.id}`, attribute: 'batch', text: values.batch.S } as const;
    return (await ask('UpdateItem', body, written)) !== null;
  }

  return {
    add: (batch, at) => write(batch, at, 'attribute_not_exists(id)'),
    async get(id) {
      const answer = await ask('GetItem', { ...key(id), ConsistentRead: true });
      const text = textField(field(answer, 'Item'), 'batch', 'S');
      return text === undefined ? null : (JSON.parse(text) as Batch);
    },
    change: (batch, at) => write(batch, at, 'attribute_exists(id)'),
    async lookAgain(id, at) {
      await ask('UpdateItem', {
        ...key(id),
        UpdateExpression: 'SET #due = :due',
        ConditionExpression: 'attribute_exists(id)',
        ExpressionAttributeNames: { '#due': openJobs.due },
        ExpressionAttributeValues: { ':due': { N: String(at) } },
      });
    },
    async remove(id) {
      await ask('DeleteItem', key(id));
    },
    due: async (now) => idsOf(await due(part, now, mostDue)),
    open: async () => idsOf(await listed(part, null, mostDue)),
  };
}
