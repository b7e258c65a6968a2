import type { Json } from '../json.ts';
import { ModelError } from './errors.ts';
import type { Provider } from './providers.ts';
import type { ModelRequest } from './request.ts';

/** Fields that change what comes back, or how much of it is paid for and thrown away. */
const notExtra = ['stream', 'stream_options', 'n', 'tools', 'functions', 'background'];

/**
 * The body with the request's own further fields.
 * @throws ModelError 'Model.Rejected' for one that is set already or that this call cannot serve.
 */
export function withExtra(
  body: Readonly<Record<string, Json>>,
  request: ModelRequest,
  provider: Provider,
): Record<string, Json> {
  for (const name of Object.keys(request.extra ?? {})) {
    if (!Object.hasOwn(body, name) && !notExtra.includes(name)) continue;
    throw new ModelError(
      'Model.Rejected',
      `The call of ${provider.name}:${request.model} was not made: extra may not hold ${JSON.stringify(name)}, which is set already or which this call cannot serve.`,
      { provider: provider.name, model: request.model },
    );
  }
  return { ...body, ...request.extra };
}
