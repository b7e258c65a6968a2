import type { TaskCall } from '../engine/task/task-port.ts';
import { ModelError } from '../model/errors.ts';
import type { ModelRequest } from '../model/request.ts';
import type { ModelResult } from '../model/result.ts';

/** The result at a share of its price. */
export function priced(result: ModelResult, factor: number): ModelResult {
  if (result.price === null || factor === 1) return result;
  return { ...result, price: { usd: Number((result.price.usd * factor).toFixed(10)) } };
}

/** The answer, unless its batch takes longer than the call may: then the call falls out of the lane. */
export function inBatch<T>(
  answer: Promise<T>,
  { model, timeoutSeconds = 86_400 }: ModelRequest,
  provider: string,
  call: TaskCall,
): Promise<T> {
  const over = call.sleep(timeoutSeconds * 1000).then(
    () => {
      const why = `No batch has answered the call of ${provider}:${model} within ${timeoutSeconds} seconds.`;
      throw new ModelError('Model.BatchExpired', why, { provider, model });
    },
    // The state waits no more: nobody hears of it.
    () => answer,
  );
  return Promise.race([answer, over]);
}
