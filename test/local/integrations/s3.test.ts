import { expect, test } from 'vitest';
import { createEngine } from '../../../lib/engine/engine.ts';
import { loadMachine } from '../../../lib/engine/machine.ts';
import { createIntegrations } from '../../../lib/local/integrations/integrations.ts';
import { s3Objects } from '../../../lib/local/integrations/s3-objects.ts';
import { outcomeOf, runTask } from './run-task.ts';
import { s3StandIn } from './stand-ins.ts';

async function withBucket(): Promise<{ environment: Record<string, string> }> {
  // s3rver knows this key pair only.
  return {
    environment: {
      AWS_ENDPOINT_URL_S3: await s3StandIn('things'),
      AWS_ACCESS_KEY_ID: 'S3RVER',
      AWS_SECRET_ACCESS_KEY: 'S3RVER',
      AWS_REGION: 'us-east-1',
    },
  };
}

test('an object is put, read and listed', async () => {
  const options = await withBucket();
  const at = { Bucket: 'things', Key: 'a.json' };
  await runTask('aws-sdk:s3:putObject', { ...at, Body: { hello: 'world' } }, options);
  expect(await runTask('aws-sdk:s3:getObject', at, options)).toMatchObject({
    Body: '{"hello":"world"}',
    ContentLength: 17,
    ETag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
    LastModified: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  });
  expect(await runTask('aws-sdk:s3:listObjectsV2', { Bucket: 'things' }, options)).toMatchObject({
    Contents: [{ Key: 'a.json', Size: 17 }],
    KeyCount: 1,
  });
});

test("fails by AWS's names", async () => {
  const options = await withBucket();
  const get = (Bucket: string, Key: string) =>
    outcomeOf('aws-sdk:s3:getObject', { Bucket, Key }, options);
  expect(await get('things', 'none')).toMatchObject({
    error: 'S3.NoSuchKeyException',
    cause: expect.stringMatching(/\(Service: S3, Status Code: 404, Request ID: /),
  });
  expect(await get('elsewhere', 'none')).toMatchObject({ error: 'S3.NoSuchBucketException' });
});

test('a Distributed Map reads its items from a bucket and writes its results there', async () => {
  const options = await withBucket();
  const objects = s3Objects(options.environment);
  await objects?.put('things', 'in/items.json', Buffer.from('[1,2,3]'));
  const definition = {
    StartAt: 'Each',
    States: {
      Each: {
        Type: 'Map',
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: 'JSON' },
          Parameters: { Bucket: 'things', Key: 'in/items.json' },
        },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Item',
          States: { Item: { Type: 'Pass', End: true } },
        },
        ResultWriter: {
          Resource: 'arn:aws:states:::s3:putObject',
          Parameters: { Bucket: 'things', Prefix: 'out' },
        },
        End: true,
      },
    },
  };
  const engine = createEngine({
    tasks: createIntegrations(options),
    ...(objects && { store: objects }),
  });
  const outcome = await engine.start(loadMachine(definition)).done;
  expect(outcome.status).toBe('SUCCEEDED');
  const written = await objects?.list('things', 'out/');
  expect(written?.map(({ Key }) => Key.split('/').at(-1)).sort()).toEqual([
    'SUCCEEDED_0.json',
    'manifest.json',
  ]);
});

test('without an endpoint there are no buckets', () => {
  expect(s3Objects({})).toBeUndefined();
});
