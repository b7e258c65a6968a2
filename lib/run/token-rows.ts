import { isPiece } from '../model/stream/piece.ts';
import { rowNames, runKey } from '../model/stream/token-row.ts';
import type { TokenEvent } from './token-event.ts';

/** DynamoDB's Query for the tokens of a run after a position, in order; the table's name is left out. */
export function tokenQuery(workflow: string, run: string, after: number) {
  return {
    ConsistentRead: true,
    KeyConditionExpression: '#run = :run AND #position > :after',
    ExpressionAttributeNames: { '#run': rowNames.run, '#position': rowNames.position },
    ExpressionAttributeValues: {
      ':run': { S: runKey(workflow, run) },
      ':after': { N: String(after) },
    },
  };
}

/** An item as DynamoDB gives it. */
type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;

/** The tokens in the items of that Query. */
export function tokensIn(items: readonly Item[]): TokenEvent[] {
  return items.flatMap((item): TokenEvent[] => {
    const piece: unknown = JSON.parse(item[rowNames.piece]?.S ?? 'null');
    const position = Number(item[rowNames.position]?.N);
    return isPiece(piece) ? [{ type: 'Tokens', position, ...piece }] : [];
  });
}
