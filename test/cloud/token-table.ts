import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { rowNames } from '../../lib/model/stream/token-row.ts';

export const tableName = 'tokens';

/** What leads AWS's clients to a table on loopback. */
export type TableEnvironment = Readonly<Record<string, string>>;

/** DynamoDB's protocol on loopback, with the table of tokens as the construct makes it. */
export async function startTokenTable(): Promise<{
  readonly environment: TableEnvironment;
  close(): Promise<void>;
}> {
  const server: Server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({ endpoint, region: 'eu-central-1', credentials });
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      AttributeDefinitions: [
        { AttributeName: rowNames.run, AttributeType: 'S' },
        { AttributeName: rowNames.position, AttributeType: 'N' },
      ],
      KeySchema: [
        { AttributeName: rowNames.run, KeyType: 'HASH' },
        { AttributeName: rowNames.position, KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  client.destroy();
  return {
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
