import { SFNClient } from '@aws-sdk/client-sfn';
import { vi } from 'vitest';
import { createCloudRunner } from '../../lib/cloud/cloud-runner.ts';
import { tokenTable } from '../../lib/model/stream/token-table.ts';
import { runnerContract } from '../contract/runner.contract.ts';
import { manifest } from './manifest.ts';
import { credentials, startPayloadBucket } from './payload-bucket.ts';
import { startStepFunctionsEndpoint } from './step-functions-endpoint.ts';
import { startTokenTable, tableName } from './token-table.ts';

runnerContract('CloudRunner, against the protocol of Step Functions on loopback', async () => {
  const endpoint = await startStepFunctionsEndpoint();
  const table = await startTokenTable();
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', table.environment.AWS_ENDPOINT_URL_DYNAMODB);
  const bucket = await startPayloadBucket();
  vi.stubEnv('AWS_ENDPOINT_URL_S3', bucket.endpoint);
  const sink = tokenTable(tableName, table.environment);
  const client = new SFNClient({
    region: 'eu-central-1',
    endpoint: endpoint.url,
    credentials,
  });
  const runner = createCloudRunner({ manifest, client, poll: { min: 5, max: 50 } });
  return {
    runner,
    tell: async (piece) => sink.tell(piece),
    payloads: bucket.store,
    teardown: async () => {
      await runner.close();
      client.destroy();
      await endpoint.close();
      await table.close();
      await bucket.close();
    },
  };
});
