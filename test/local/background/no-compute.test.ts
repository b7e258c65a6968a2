import { expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import type { HistoryEvent } from '../../../lib/engine/history/event.ts';
import { compileWorkflow, each, model, workflow } from '../../../lib/index.ts';
import type { FunctionHost } from '../../../lib/local/function-host/function-host.ts';
import { createLocalRunner } from '../../../lib/local/local-runner.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

const hosts: FunctionHost[] = [];

vi.mock('../../../lib/local/function-host/function-host.ts', async (original) => {
  const room = await original<{ createFunctionHost: (options: object) => FunctionHost }>();
  return {
    ...room,
    createFunctionHost(options: object) {
      const host = room.createFunctionHost(options);
      hosts.push(host);
      return host;
    },
  };
});

/** What the host's functions of that name did. */
function metered(name: string) {
  const entries = Object.entries(hosts[0]?.metrics() ?? {});
  const {
    inFlight = -1,
    invocations = -1,
    billedMs = -1,
  } = entries.find(([key]) => key.includes(name))?.[1] ?? {};
  return { inFlight, invocations, billedMs };
}

const thinking = 4_000;
const calls = 5;

it('runs no function from the submit to the webhook, by the history and by the meter', {
  timeout: 60_000,
}, async () => {
  const ask = model({ model: 'openai:gpt-5-mini', lane: 'background' });
  const input = z.object({ items: z.array(z.string()) });
  const flow = await workflow('idle', { input }, async ({ items }) =>
    each(items, (item) => ask({ prompt: `Think of ${item}.` })),
  );
  const runner = createLocalRunner({
    workflows: [compileWorkflow(flow)],
    folder: temporaryFolder(),
    environment: {},
    standIn: { latency: thinking },
  });
  onTestFinished(() => runner.close());
  const items = Array.from({ length: calls }, (_, item) => `item ${item}`);
  const { id } = await runner.start('idle', { items });
  await expect
    .poll(() => metered('submit'), { timeout: 30_000, interval: 10 })
    .toMatchObject({ inFlight: 0, invocations: calls });
  const submitted = metered('submit');
  // All that exists is idle while the provider works.
  const all = () => Object.values(hosts[0]?.metrics() ?? {});
  expect(all().map(({ inFlight }) => inFlight)).toEqual(all().map(() => 0));
  expect(metered('webhook')).toEqual({ inFlight: 0, invocations: 0, billedMs: 0 });
  await expect.poll(() => metered('webhook').invocations, { timeout: 20_000 }).toBeGreaterThan(0);
  expect(metered('submit')).toEqual(submitted);
  expect(metered('sweep')).toEqual({ inFlight: 0, invocations: 0, billedMs: 0 });

  const events: HistoryEvent[] = [];
  for await (const event of runner.events('idle', id)) events.push(event);
  const at = (type: string) =>
    events.filter((event) => event.type === type).map(({ timestamp }) => timestamp);
  const [last, first] = [Math.max(...at('TaskSubmitted')), Math.min(...at('TaskSucceeded'))];
  expect(at('TaskSucceeded')).toHaveLength(calls);
  expect(first - last).toBeGreaterThan(thinking / 4);
  expect(events.filter(({ timestamp }) => timestamp > last && timestamp < first)).toEqual([]);
  expect(metered('webhook').invocations).toBe(calls);
  // Five calls thought for 20 seconds.
  const billed = all().reduce((sum, { billedMs }) => sum + billedMs, 0);
  expect(billed).toBeLessThan((calls * thinking) / 2);
});
