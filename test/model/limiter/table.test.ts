import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveTable } from '../../../lib/local/limiter/serve-table.ts';
import { channelTable } from '../../../lib/model/limiter/channel-table.ts';
import { dynamoTable } from '../../../lib/model/limiter/dynamo-table.ts';
import { memoryTable } from '../../../lib/model/limiter/memory-table.ts';
import { type LimiterTable, TableBusy } from '../../../lib/model/limiter/table.ts';
import { dynaliteTable } from './dynalite-table.ts';

const name = 'Limiter';
const closers: (() => void | Promise<void>)[] = [];
const environment = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'us-east-1' };
afterAll(async () => {
  for (const close of closers) await close();
});

async function dynamo(): Promise<LimiterTable> {
  const { table, close } = await dynaliteTable();
  closers.push(close);
  return table;
}

async function remote(): Promise<LimiterTable> {
  const served = serveTable(memoryTable());
  closers.push(served.close);
  return channelTable(served.channel);
}

describe.each([
  ['in this process', async () => memoryTable()],
  ['of another thread', remote],
  ['in DynamoDB', dynamo],
])("a limiter's table %s", (_, make) => {
  let table: LimiterTable;
  beforeAll(async () => {
    table = await make();
  });

  test('begins a row with its first change, and gives it back', async () => {
    const change = { add: { a: 2 }, set: { size: 1.5 } };
    expect(await table.change('new', change)).toEqual({ done: true, row: { a: 2, size: 1.5 } });
    expect(await table.change('new', { add: { a: -3 }, remove: ['size'] })).toEqual({
      done: true,
      row: { a: -1 },
    });
  });

  test('keeps rows apart', async () => {
    await table.change('one', { add: { a: 1 } });
    expect((await table.change('other:model/x', { add: { a: 5 } })).row).toEqual({ a: 5 });
  });

  test.each([
    ['<', 6, true],
    ['<', 5, false],
    ['<=', 5, true],
    ['<=', 4, false],
    ['=', 5, true],
    ['=', 6, false],
    ['>=', 5, true],
    ['>=', 6, false],
  ] as const)(
    'changes where 5 %s %i: %s, else gives the row as it stands',
    async (is, value, done) => {
      const key = `is ${is} ${value}`;
      await table.change(key, { set: { a: 5 } });
      const changed = await table.change(key, {
        when: [{ name: 'a', is, value }],
        add: { a: 1 },
      });
      expect(changed).toEqual({ done, row: { a: done ? 6 : 5 } });
    },
  );

  test('takes an absent number only where the condition says so', async () => {
    const when = [{ name: 'absent', is: '<=', value: 1 } as const];
    expect((await table.change('none', { when, add: { a: 1 } })).done).toBe(false);
    const orAbsent = [{ ...when[0]!, orAbsent: true }];
    expect((await table.change('none', { when: orAbsent, add: { a: 1 } })).done).toBe(true);
  });

  test('changes nothing where one of several conditions fails', async () => {
    await table.change('both', { set: { a: 1, b: 1 } });
    const when = [
      { name: 'a', is: '=', value: 1 },
      { name: 'b', is: '=', value: 2 },
    ] as const;
    expect(await table.change('both', { when, set: { a: 9 } })).toEqual({
      done: false,
      row: { a: 1, b: 1 },
    });
  });

  test('loses no change of many at once', async () => {
    await Promise.all(Array.from({ length: 50 }, () => table.change('busy', { add: { n: 1 } })));
    expect((await table.change('busy', { add: { n: 0 } })).row).toEqual({ n: 50 });
  });
});

test('fails as busy where DynamoDB throttles, and by its own words where it refuses', async () => {
  const types = ['ProvisionedThroughputExceededException', 'AccessDeniedException'];
  const server = createServer((_, response) => {
    response.statusCode = 400;
    response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${types.shift()}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => void server.close());
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const table = dynamoTable(name, { ...environment, AWS_ENDPOINT_URL_DYNAMODB: endpoint });
  await expect(table.change('a', { add: { a: 1 } })).rejects.toBeInstanceOf(TableBusy);
  await expect(table.change('a', { add: { a: 1 } })).rejects.toThrow(/AccessDenied/);
});
