import { linkSecret } from '../lib/callback/link-secret.ts';
import { checkLink } from '../lib/callback/signed-link.ts';

/** What an HTTP API asks its Lambda authorizer (payload format 2.0). */
export interface AuthorizerRequest {
  readonly rawPath: string;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
}

const secretOf = linkSecret(process.env);

/** Lets a request through whose link was signed by this deployment and has not expired. */
export async function handler(request: AuthorizerRequest): Promise<{ isAuthorized: boolean }> {
  const { expires, signature } = request.queryStringParameters ?? {};
  const check = checkLink({ path: request.rawPath, expires, signature }, await secretOf());
  return { isAuthorized: check === 'good' };
}
