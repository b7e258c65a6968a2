import type { HttpExchange } from '../task/http-exchange.ts';
import type { InspectionData } from './request.ts';

/** An HTTP exchange as TestState tells it: every member is text. */
export function shownExchange(
  { request, response }: HttpExchange,
  revealSecrets: boolean,
): Pick<InspectionData, 'request' | 'response'> {
  return {
    request: {
      protocol: request.protocol,
      method: request.method,
      url: shownUrl(request, revealSecrets),
      headers: JSON.stringify({
        ...request.headers,
        ...(revealSecrets && request.secrets.headers),
      }),
      ...(request.body !== undefined && { body: request.body }),
    },
    ...(response && {
      response: {
        protocol: response.protocol,
        statusCode: String(response.statusCode),
        statusMessage: response.statusMessage,
        headers: JSON.stringify(response.headers),
        body: response.body,
      },
    }),
  };
}

function shownUrl({ url, secrets }: HttpExchange['request'], revealSecrets: boolean): string {
  const shown = new URL(url);
  for (const [name, value] of Object.entries(revealSecrets ? secrets.query : {}))
    shown.searchParams.append(name, value);
  return shown.href;
}
