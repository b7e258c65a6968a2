import { CloudgatherError } from '../errors.ts';
import { awsService, type Environment } from './aws-request.ts';

/**
 * What a function's links are signed with: CLOUDGATHER_LINK_SECRET on this machine, in AWS the value of
 * the secret CLOUDGATHER_LINK_SECRET_ARN names, read once for each start of the function.
 * @throws CloudgatherError 'Link.NoSecret', which names the secret's ARN and nothing of its value
 */
export function linkSecret(environment: Environment): () => Promise<string> {
  let reading: Promise<string> | undefined;
  return () => {
    reading ??= read(environment).catch((error: unknown) => {
      reading = undefined;
      throw error;
    });
    return reading;
  };
}

async function read(environment: Environment): Promise<string> {
  const local = environment.CLOUDGATHER_LINK_SECRET;
  if (local) return local;
  const arn = environment.CLOUDGATHER_LINK_SECRET_ARN ?? '';
  const ask = awsService('secretsmanager', environment);
  const answer = await ask('secretsmanager.GetSecretValue', { SecretId: arn });
  const { SecretString } = (answer.body ?? {}) as { SecretString?: unknown };
  if (answer.ok && typeof SecretString === 'string' && SecretString.length >= 32)
    return SecretString;
  throw new CloudgatherError(
    'Link.NoSecret',
    `The secret ${arn} that signs links cannot be used: ${answer.ok ? 'it has no text of 32 characters or more' : answer.error}. Deploy again, or let the function's role read it.`,
  );
}
