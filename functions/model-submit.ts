import { deskOf } from '../lib/model/background/function-desk.ts';
import { type Submitted, submitJob } from '../lib/model/background/submit.ts';
import { reachLimiter } from '../lib/model/limiter/function-limiter.ts';

await reachLimiter(process.env);

/**
 * Gives one model call to a provider that works on it in the background: `{ taskToken, request, lane }`
 * in, the job's id out at once, or a `ModelError` by its name. The state waits for its token. With the
 * lane 'batch' the call waits for a batch, which the sweep makes.
 *
 * Environment: see `deskOf`.
 */
export const handler = (event: unknown): Promise<Submitted> =>
  submitJob(event, deskOf(process.env));
