import { SFNClient } from '@aws-sdk/client-sfn';
import { createCloudRunner } from '../../lib/cloud/cloud-runner.ts';
import { runnerContract } from '../contract/runner.contract.ts';
import { manifest } from './manifest.ts';
import { startStepFunctionsEndpoint } from './step-functions-endpoint.ts';

runnerContract('CloudRunner, against the protocol of Step Functions on loopback', async () => {
  const endpoint = await startStepFunctionsEndpoint();
  const client = new SFNClient({
    region: 'eu-central-1',
    endpoint: endpoint.url,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const runner = createCloudRunner({ manifest, client, poll: { min: 5, max: 50 } });
  return {
    runner,
    teardown: async () => {
      await runner.close();
      client.destroy();
      await endpoint.close();
    },
  };
});
