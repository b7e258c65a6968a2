import type { Environment } from './aws-service.ts';
import type { Integration } from './integration.ts';
import { optimized } from './optimized.ts';
import { awsServices } from './services.ts';

/** `dynamodb:getItem`, `putItem`, `updateItem`, `deleteItem`. */
export function optimizedDynamodb(environment: Environment): Integration {
  return optimized(
    {
      service: awsServices.dynamodb!,
      names: { prefix: 'DynamoDB', service: 'AmazonDynamoDBv2', base: 'AmazonDynamoDBException' },
      apis: ['getItem', 'putItem', 'updateItem', 'deleteItem'],
      waitsForToken: false,
    },
    environment,
  );
}
