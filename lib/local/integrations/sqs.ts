import type { Environment } from './aws-service.ts';
import type { Integration } from './integration.ts';
import { optimized } from './optimized.ts';
import { awsServices } from './services.ts';
import { withText } from './text-member.ts';

/** `sqs:sendMessage`: a MessageBody that is not text is sent as its JSON text. */
export function optimizedSqs(environment: Environment): Integration {
  return optimized(
    {
      service: awsServices.sqs!,
      names: { prefix: 'SQS', service: 'AmazonSQS', base: 'AmazonSQSException' },
      apis: ['sendMessage'],
      waitsForToken: true,
      parameters: (given) => withText(given, 'MessageBody'),
    },
    environment,
  );
}
