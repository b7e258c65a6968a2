import { expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { compileWorkflow, model, workflow } from '../../../lib/index.ts';
import type { FunctionHost } from '../../../lib/local/function-host/function-host.ts';
import { createLocalRunner } from '../../../lib/local/local-runner.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

/** What the webhook's function answered, and what the look before it told. */
const told = vi.hoisted(() => ({ webhooks: [] as unknown[], swept: [] as unknown[] }));

vi.mock('../../../lib/local/function-host/function-host.ts', async (original) => {
  const room = await original<{ createFunctionHost: (options: object) => FunctionHost }>();
  const webhook = Promise.withResolvers<void>();
  /** Looks are held back from when the batch has been given until its webhook has been taken. */
  function held(host: FunctionHost): FunctionHost {
    let isGiven = false;
    return {
      ...host,
      async invoke(name, payload, options) {
        const looks = name.includes('sweep');
        if (looks && isGiven) await webhook.promise;
        const answer = await host.invoke(name, payload, options);
        if (looks) {
          const swept = JSON.parse(answer);
          if (!isGiven) told.swept.push(swept);
          isGiven ||= swept.given > 0;
        }
        if (name.includes('webhook')) {
          const { statusCode, body } = JSON.parse(answer);
          told.webhooks.push({ statusCode, ...JSON.parse(body) });
          webhook.resolve();
        }
        return answer;
      },
    };
  }
  return {
    ...room,
    createFunctionHost: (options: object) => held(room.createFunctionHost(options)),
  };
});

it('is answered by a webhook, over HTTP, signed', { timeout: 30_000 }, async () => {
  const ask = model({ model: 'openai:gpt-5-mini', lane: 'batch' });
  const flow = await workflow('one', { input: z.object({}) }, async () =>
    ask({ prompt: 'Think.' }),
  );
  const runner = createLocalRunner({
    workflows: [compileWorkflow(flow)],
    folder: temporaryFolder(),
    environment: {},
    standIn: { latency: 20, batchLatency: 1_000 },
  });
  onTestFinished(() => runner.close());
  const { id } = await runner.start('one', {});
  for await (const _ of runner.events('one', id));
  expect(await runner.get('one', id)).toMatchObject({
    status: 'SUCCEEDED',
    steps: [{ attempts: 1 }],
  });
  // The round that gave the batch found it open, and nothing has looked at it until the webhook came.
  expect(told.swept).toEqual([{ given: 1, ended: 0, open: 1 }]);
  await expect.poll(() => told.webhooks).toEqual([{ statusCode: 200, outcome: 'ended' }]);
});
