import { ModelError } from '../errors.ts';
import { protocolOf } from '../protocol.ts';
import type { Provider } from '../providers.ts';
import type { ModelRequest } from '../request.ts';
import { checkFit } from '../request-fit.ts';

/**
 * Refuses what no batch can do: a tier, for a batch is one of its own, and the answer of an earlier call.
 * @throws ModelError 'Model.Rejected'
 */
export function checkBatchFit(request: ModelRequest, provider: Provider): void {
  checkFit(request, provider, protocolOf(request, provider));
  const [field] = (['serviceTier', 'reuse'] as const).filter((name) => request[name]);
  if (field === undefined) return;
  const { name } = provider;
  throw new ModelError(
    'Model.Rejected',
    `${name}:${request.model} was not called: the lane 'batch' takes no ${field}. Leave it out, or use the lane 'sync'.`,
    { provider: name, model: request.model },
  );
}
