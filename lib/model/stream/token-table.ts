import type { Environment } from '../connection.ts';
import { dynamo } from '../dynamo.ts';
import { textField } from '../field.ts';
import type { Piece, PieceSink } from './piece.ts';
import { rowNames, runKey } from './token-row.ts';

/** How long tokens are kept, in seconds. */
const kept = 3_600;

/**
 * Tells pieces to the runners of other processes, by a DynamoDB table with the keys of `rowNames`. Two
 * requests a piece: one takes the run's next position, one writes the row under it. So rows of all calls
 * of a run are in one order, which a reader takes up by a number; a position whose row never comes, for
 * its function was stopped in between, is a gap that readers pass over.
 */
export function tokenTable(name: string, environment: Environment): PieceSink {
  const ask = dynamo(environment);
  async function write(operation: string, body: object): Promise<unknown> {
    const answer = await ask(operation, { TableName: name, ...body });
    if (answer.ok) return answer.body;
    throw new Error(`DynamoDB refused ${operation}: ${textField(answer.body, '__type')}.`);
  }
  return {
    pause: 200,
    async tell(piece: Piece): Promise<void> {
      const run = { S: runKey(piece.workflow, piece.run) };
      const expires = { N: String(Math.floor(Date.now() / 1000) + kept) };
      const counted = await write('UpdateItem', {
        Key: { [rowNames.run]: run, [rowNames.position]: { N: '0' } },
        UpdateExpression: 'ADD #last :one SET #expires = :expires',
        ExpressionAttributeNames: { '#last': 'last', '#expires': rowNames.expires },
        ExpressionAttributeValues: { ':one': { N: '1' }, ':expires': expires },
        ReturnValues: 'UPDATED_NEW',
      });
      const position = textField(counted, 'Attributes', 'last', 'N') ?? '';
      await write('PutItem', {
        Item: {
          [rowNames.run]: run,
          [rowNames.position]: { N: position },
          [rowNames.piece]: { S: JSON.stringify(piece) },
          [rowNames.expires]: expires,
        },
      });
    },
  };
}
