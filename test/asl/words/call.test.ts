import { z } from 'zod';
import { call, workflow } from '../../../lib/index.ts';
import { act } from '../run/program.ts';
import type { Loose } from './acting.ts';
import { stepCases } from './step-cases.ts';

const input = z.object({ one: z.any() });
const inner = await workflow('inner', { input }, async ({ one }) =>
  act(one as Loose).retry({ maxAttempts: 0 }),
);
const twice = await workflow('twice', { input }, async ({ one }) => {
  const deep = await call(inner as Loose, { one });
  return deep;
});

stepCases('call', {
  step: (one) => call(inner as Loose, { one }),
  nested: (one) => call(twice as Loose, { one }),
});
