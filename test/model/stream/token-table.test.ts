import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { handler } from '../../../functions/model-call.ts';
import { TokenTables } from '../../../lib/cloud/token-table.ts';
import type { Piece } from '../../../lib/model/stream/piece.ts';
import { tokenTable } from '../../../lib/model/stream/token-table.ts';
import { startTokenTable, tableName } from '../../cloud/token-table.ts';
import { said, stop, streamingServer, usage } from './streaming-server.ts';

let table: Awaited<ReturnType<typeof startTokenTable>>;
beforeAll(async () => {
  table = await startTokenTable();
});
afterAll(() => table.close());

const piece = (run: string, answer: string, index: number): Piece => ({
  run,
  workflow: 'w',
  step: 'gpt',
  startedAt: '2026-01-01T00:00:00.000Z',
  item: null,
  attempt: 1,
  answer,
  index,
  text: `${answer}${index} `,
});

function rowsOf(run: string) {
  const tables = new TokenTables(() => ({
    region: 'eu-central-1',
    endpoint: table.environment.AWS_ENDPOINT_URL_DYNAMODB as string,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  }));
  return tables.rows(tableName, 'w', run)(0);
}

describe('the table of tokens', () => {
  test('gives the pieces of calls that tell at once one order, each call its own', async () => {
    const answers = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(
      answers.map(async (answer) => {
        const sink = tokenTable(tableName, table.environment);
        for (let index = 0; index < 10; index += 1) await sink.tell(piece('many', answer, index));
      }),
    );
    const rows = await rowsOf('many');
    expect(rows.map(({ position }) => position)).toEqual(rows.map((_, at) => at + 1));
    expect(rows).toHaveLength(50);
    for (const answer of answers) {
      const own = rows.filter((row) => row.answer === answer);
      expect(own.map(({ index }) => index)).toEqual([...Array(10).keys()]);
    }
  });

  const caller = (run: string) => [
    run,
    'w',
    { Name: 'gpt', EnteredTime: '2026-01-01T00:00:00.000Z', RetryCount: 0 },
  ];

  test('is told by the function of a run that is watched, the whole before it answers', async () => {
    const server = await streamingServer([said('Hello'), said(' you'), stop(), usage]);
    for (const [name, value] of Object.entries({
      ...table.environment,
      CLOUDGATHER_PROVIDER: 'openai',
      CLOUDGATHER_BASE_URL: server.baseURL,
      CLOUDGATHER_TOKEN_TABLE: tableName,
    })) {
      vi.stubEnv(name, value);
    }
    const context = { getRemainingTimeInMillis: () => 10_000 };
    const request = { model: 'm', prompt: 'x', caller: caller('one--watched') };
    expect(await handler(request, context)).toMatchObject({ output: 'Hello you' });
    const rows = await rowsOf('one--watched');
    expect(rows.map(({ text }) => text).join('')).toBe('Hello you');

    vi.stubEnv('CLOUDGATHER_TOKEN_TABLE', 'no-such-table');
    const again = await streamingServer([said('Hello'), said(' you'), stop(), usage]);
    vi.stubEnv('CLOUDGATHER_BASE_URL', again.baseURL);
    expect(await handler(request, context)).toMatchObject({ output: 'Hello you' });
    vi.unstubAllEnvs();
  });
});
