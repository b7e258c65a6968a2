import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ConditionalCheckFailedException,
  CreateTableCommand,
  DynamoDBClient,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { openJobs } from '../../model/background/jobs.ts';
import { runTableName } from './name.ts';

/** Where the table is, as the settings of an AWS client have it. */
export type TableEnvironment = Readonly<Record<string, string>>;

/**
 * The run table of this process: DynamoDB's own protocol on loopback, in memory. What a run wrote
 * into it is in the run's history, from which it is written again when another process takes it up.
 */
export class LocalRunTable {
  readonly environment: TableEnvironment;
  readonly #server: Server;
  readonly #client: DynamoDBClient;

  private constructor(server: Server) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}`;
    // Nobody checks the credentials, but a client wants to sign.
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    this.#client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
    this.environment = {
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
    };
  }

  static async start(): Promise<LocalRunTable> {
    const server = dynalite({ createTableMs: 0 });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    const table = new LocalRunTable(server);
    await table.#create();
    return table;
  }

  /** Does an update that was done before; one that the rows have left behind changes nothing. */
  async repeat(update: UpdateItemCommandInput): Promise<void> {
    try {
      await this.#client.send(new UpdateItemCommand(update));
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  async close(): Promise<void> {
    this.#client.destroy();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #create(): Promise<void> {
    await this.#client.send(
      new CreateTableCommand({
        TableName: runTableName,
        AttributeDefinitions: ['id', openJobs.partition, openJobs.sort].map((AttributeName) => ({
          AttributeName,
          AttributeType: 'S',
        })),
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        GlobalSecondaryIndexes: [
          {
            IndexName: openJobs.index,
            KeySchema: [
              { AttributeName: openJobs.partition, KeyType: 'HASH' },
              { AttributeName: openJobs.sort, KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [openJobs.due] },
          },
        ],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  }
}
