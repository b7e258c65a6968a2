import type { Environment } from './aws-service.ts';
import type { Integration } from './integration.ts';
import { optimized } from './optimized.ts';
import { awsServices } from './services.ts';
import { withText } from './text-member.ts';

/** `sns:publish`: a Message that is not text is published as its JSON text. */
export function optimizedSns(environment: Environment): Integration {
  return optimized(
    {
      service: awsServices.sns!,
      names: { prefix: 'SNS', service: 'AmazonSNS', base: 'AmazonSNSException' },
      apis: ['publish'],
      waitsForToken: true,
      parameters: (given) => withText(given, 'Message'),
    },
    environment,
  );
}
