import type { DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { tokenQuery, tokensIn } from '../run/token-rows.ts';
import type { ReadRows } from './token-reader.ts';

/** Reads the tables in which deployed model functions tell the text of runs that are watched. */
export class TokenTables {
  readonly #config: () => DynamoDBClientConfig;
  #loading: Promise<DynamoDBClient> | undefined;

  /** @param config asked for when the first run is followed whose tokens are wanted */
  constructor(config: () => DynamoDBClientConfig) {
    this.#config = config;
  }

  rows(table: string, workflow: string, run: string): ReadRows {
    return async (after) => {
      // Loaded here: whoever follows no run that is watched needs none of it.
      const { DynamoDBClient, QueryCommand } = await import('@aws-sdk/client-dynamodb');
      this.#loading ??= Promise.resolve(new DynamoDBClient(this.#config()));
      const client = await this.#loading;
      const query = { TableName: table, ...tokenQuery(workflow, run, after) };
      const { Items = [] } = await client.send(new QueryCommand(query));
      return tokensIn(Items as Parameters<typeof tokensIn>[0]);
    };
  }

  async close(): Promise<void> {
    (await this.#loading)?.destroy();
  }
}
