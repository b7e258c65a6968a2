import type { AddressInfo } from 'node:net';
import { AwsClient } from 'aws4fetch';
import dynalite from 'dynalite';
import { dynamoTable } from '../../../lib/model/limiter/dynamo-table.ts';
import type { LimiterTable } from '../../../lib/model/limiter/table.ts';

export interface DynaliteTable {
  readonly table: LimiterTable;
  /** For any other process that shares it. */
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** DynamoDB's protocol on loopback, in memory, with the limiter's table in it. */
export async function dynaliteTable(): Promise<DynaliteTable> {
  const name = 'Limiter';
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const keys = { accessKeyId: 'a', secretAccessKey: 'b' };
  const aws = new AwsClient({ ...keys, service: 'dynamodb', region: 'us-east-1' });
  const ask = (operation: string, body: object) =>
    aws.fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
      },
      body: JSON.stringify(body),
    });
  await ask('CreateTable', {
    TableName: name,
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  for (let text = ''; !text.includes('ACTIVE'); ) {
    text = await (await ask('DescribeTable', { TableName: name })).text();
  }
  const environment = {
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_DYNAMODB: endpoint,
  };
  return {
    // A machine that is busy may be slow; the table is to be exact all the same.
    table: dynamoTable(name, environment, 30_000),
    name,
    environment,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
