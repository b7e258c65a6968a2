import { expect, test } from 'vitest';
import { createEngine } from '../../../lib/engine/engine.ts';
import { loadMachine } from '../../../lib/engine/machine.ts';
import { createIntegrations } from '../../../lib/local/integrations/integrations.ts';
import { outcomeOf, refusal, runTask } from './run-task.ts';
import { dynamodbStandIn } from './stand-ins.ts';

async function withTable(): Promise<{ environment: Record<string, string> }> {
  const environment = {
    AWS_ENDPOINT_URL_DYNAMODB: await dynamodbStandIn(),
    AWS_REGION: 'eu-west-1',
  };
  await runTask(
    'aws-sdk:dynamodb:createTable',
    {
      TableName: 'jobs',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    },
    { environment },
  );
  return { environment };
}

const Item = { id: { S: 'a' }, n: { N: '1' }, raw: { B: 'aGVsbG8=' } };

test('the optimized integration puts and gets an item, and tells of the response', async () => {
  const options = await withTable();
  const put = await runTask('dynamodb:putItem', { TableName: 'jobs', Item }, options);
  expect(put).toEqual({
    SdkHttpMetadata: {
      AllHttpHeaders: expect.objectContaining({ 'x-amzn-RequestId': [expect.any(String)] }),
      HttpHeaders: expect.objectContaining({ 'Content-Length': '2' }),
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: expect.any(String) },
  });
  const Key = { id: { S: 'a' } };
  const got = await runTask('dynamodb:getItem', { TableName: 'jobs', Key }, options);
  expect(got).toMatchObject({ Item, SdkHttpMetadata: { HttpStatusCode: 200 } });
});

test('the SDK integration gives the bare answer', async () => {
  const options = await withTable();
  await runTask('aws-sdk:dynamodb:putItem', { TableName: 'jobs', Item }, options);
  const got = await runTask(
    'aws-sdk:dynamodb:query',
    {
      TableName: 'jobs',
      KeyConditionExpression: 'id = :id',
      ExpressionAttributeValues: { ':id': { S: 'a' } },
    },
    options,
  );
  expect(got).toEqual({ Count: 1, Items: [Item], ScannedCount: 1 });
});

test("fails by AWS's names: with the prefix of the optimized and of the SDK integration", async () => {
  const options = await withTable();
  const parameters = {
    TableName: 'jobs',
    Item: { id: { S: 'a' } },
    ConditionExpression: 'attribute_exists(id)',
  };
  expect(await outcomeOf('dynamodb:putItem', parameters, options)).toMatchObject({
    status: 'FAILED',
    error: 'DynamoDB.ConditionalCheckFailedException',
    cause: expect.stringMatching(
      /^The conditional request failed \(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ConditionalCheckFailedException; Request ID: .+; Proxy: null\)$/,
    ),
  });
  expect(await outcomeOf('aws-sdk:dynamodb:putItem', parameters, options)).toMatchObject({
    error: 'DynamoDb.ConditionalCheckFailedException',
    cause: expect.stringMatching(
      /^The conditional request failed \(Service: DynamoDb, Status Code: 400, Request ID: .+\)$/,
    ),
  });
  const invalid = { TableName: 'jobs', Key: {} };
  expect(await outcomeOf('dynamodb:getItem', invalid, options)).toMatchObject({
    error: 'DynamoDB.AmazonDynamoDBException',
  });
  expect(await outcomeOf('aws-sdk:dynamodb:getItem', invalid, options)).toMatchObject({
    error: 'DynamoDb.DynamoDbException',
  });
});

test('an error is caught by its name', async () => {
  const tasks = createIntegrations(await withTable());
  const get = {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:dynamodb:getItem',
    Parameters: { TableName: 'none', Key: { id: { S: 'a' } } },
    Catch: [{ ErrorEquals: ['DynamoDb.ResourceNotFoundException'], Next: 'Caught' }],
    End: true,
  };
  const caught = { Type: 'Pass', Result: 'caught', End: true };
  const machine = loadMachine({ StartAt: 'Get', States: { Get: get, Caught: caught } });
  expect(await createEngine({ tasks }).start(machine).done).toEqual({
    status: 'SUCCEEDED',
    output: '"caught"',
  });
});

test('fails as SdkClientException where no server answers', async () => {
  const options = { environment: { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' } };
  expect(
    await outcomeOf('dynamodb:getItem', { TableName: 'jobs', Key: {} }, options),
  ).toMatchObject({ error: 'DynamoDB.SdkClientException' });
});

test('rejects what nobody serves, by name, before a run', () => {
  const environment = { AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:9' };
  expect(refusal('dynamodb:getItem', { environment })).toBeUndefined();
  expect(refusal('dynamodb:getItem', { environment: {} })).toBe(
    'No endpoint is configured for it: set AWS_ENDPOINT_URL_DYNAMODB, or AWS_ENDPOINT_URL for all services.',
  );
  expect(refusal('aws-sdk:dynamodb:fly', { environment })).toBe(
    "DynamoDB has no API of the name 'fly'.",
  );
  expect(refusal('aws-sdk:s3:getObject', { environment })).toContain('AWS_ENDPOINT_URL_S3');
  expect(refusal('aws-sdk:iam:getRole', { environment })).toContain('Of aws-sdk the services');
  expect(refusal('ecs:runTask.sync', { environment })).toContain("The service 'ecs' is not served");
  expect(refusal('states:startExecution', { environment })).toContain("'states' is not served");
  expect(refusal('lambda:invoke', { environment })).toContain('--lambda-endpoint URL');
});
