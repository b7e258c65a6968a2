import type { ModelError, ModelErrorName } from './errors.ts';
import { textField } from './field.ts';
import { type FaultOf, fault } from './status-fault.ts';

/** A request that got no whole reply. `name` is what it is called where nothing says more. */
export function networkFault(thrown: unknown, of: FaultOf, name: ModelErrorName): ModelError {
  const host = new URL(of.baseURL).host;
  const code = networkCode(thrown);
  const local =
    of.provider.needsKey || of.provider.auth === 'aws' ? '' : ` Is ${of.provider.title} running?`;
  switch (code) {
    case 'ECONNREFUSED':
      return fault(
        of,
        name,
        null,
        `could not be called: ${host} refused the connection.${local} Check the base URL.`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return fault(
        of,
        name,
        null,
        `could not be called: the name ${host} could not be resolved. Check the base URL and the network.`,
      );
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return fault(
        of,
        'Model.Timeout',
        null,
        'sent nothing for so long that the connection was ended. Ask for less or lower reasoningEffort.',
      );
  }
  const why = code === undefined ? 'the connection failed' : `the connection failed (${code})`;
  return fault(
    of,
    name,
    null,
    `did not answer: ${why} before the whole reply had come from ${host}. Retry; the call may have been paid for.`,
  );
}

/** Whether what was thrown says that no connection was made: nobody has had the request. */
export function isUnsent(thrown: unknown): boolean {
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(networkCode(thrown) ?? '');
}

/** The code of the innermost cause that has one of Node's or undici's: a word in capitals. */
function networkCode(thrown: unknown): string | undefined {
  let at = thrown;
  let code: string | undefined;
  for (let depth = 0; depth < 5 && at instanceof Error; depth++) {
    const found = textField(at, 'code');
    if (
      found !== undefined &&
      /^(E[A-Z_]{3,20}|HPE_[A-Z_]{3,40}|UND_ERR_[A-Z_]{3,30}|CERT_[A-Z_]{3,30}|[A-Z_]*CERT[A-Z_]*)$/.test(
        found,
      )
    )
      code = found;
    at = at.cause;
  }
  return code;
}
