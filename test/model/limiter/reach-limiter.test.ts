import { expect, it, onTestFinished } from 'vitest';
import { serveTable } from '../../../lib/local/limiter/serve-table.ts';
import { reachLimiter } from '../../../lib/model/limiter/function-limiter.ts';
import { memoryTable } from '../../../lib/model/limiter/memory-table.ts';
import type { Change } from '../../../lib/model/limiter/table.ts';

it('connects to the table with a change that changes nothing', async () => {
  const table = memoryTable();
  const asked: Change[] = [];
  const served = serveTable({
    change: (key, change) => {
      asked.push(change);
      return table.change(key, change);
    },
  });
  onTestFinished(() => served.close());
  await reachLimiter({ CLOUDGATHER_LIMITER_CHANNEL: served.channel });
  expect(asked).toHaveLength(1);
  expect(await table.change('warm-up', {})).toEqual({ done: true, row: {} });
});

it('lets the function start where there is no limiter, or none that answers', async () => {
  await expect(reachLimiter({})).resolves.toBeUndefined();
  const served = serveTable(memoryTable());
  await served.close();
  await expect(
    reachLimiter({ CLOUDGATHER_LIMITER_CHANNEL: served.channel }),
  ).resolves.toBeUndefined();
});
