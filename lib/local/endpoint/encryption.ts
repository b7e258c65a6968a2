import { ServiceError } from './service-error.ts';

/**
 * Only AWS's own key is played: nothing is encrypted here.
 * @throws ServiceError `InvalidEncryptionConfiguration` for a customer's key.
 */
export function checkEncryption(configuration: { readonly type: string } | undefined): void {
  if (configuration === undefined || configuration.type === 'AWS_OWNED_KEY') return;
  throw new ServiceError(
    'InvalidEncryptionConfiguration',
    'Customer managed keys are not served here: leave encryptionConfiguration out, or use AWS_OWNED_KEY.',
  );
}
