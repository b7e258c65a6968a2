import type { Environment } from '../connection.ts';
import { dynamo } from '../dynamo.ts';
import { ModelError } from '../errors.ts';
import { field, textField } from '../field.ts';
import { openJobs } from './jobs.ts';

/** How often what DynamoDB could not do now is asked again. */
const tries = 3;

/** A row of the index. */
export interface Listed {
  /** With the row's kind before it: 'job#<id>'. */
  readonly id: string;
  readonly due: number;
}

/** What a conditional change writes into a row, for whoever must know whether it was done. */
export interface Written {
  /** With the row's kind before it. */
  readonly id: string;
  readonly attribute: 'job' | 'batch';
  readonly text: string;
}

/**
 * A row's place in the index: among those of its run, and its own. Rows of the same place would be one
 * to the table that stands in for DynamoDB on this machine, which tells them apart by 24 bits.
 */
export function placeOf(run: string, id: string): string {
  return `${run}/${id}`;
}

/** The run table, as the calls that providers work on are kept in it. */
export interface JobTable {
  /**
   * The answer; null: a condition did not hold. Where the answer to an earlier try was lost, a condition
   * may fail because that try was done: the row then holds what was to be written.
   * @throws ModelError 'Model.Unavailable'
   */
  ask(operation: string, body: object, written?: Written): Promise<unknown>;
  /** What names a row in each operation. */
  key(id: string): { readonly TableName: string; readonly Key: { readonly id: { S: string } } };
  /** The rows of a part of the index, of one run or of all. */
  listed(part: string, run: string | null, most?: number): Promise<readonly Listed[]>;
  /** Those of them whose time has come. */
  due(part: string, now: number, most: number): Promise<readonly Listed[]>;
}

/** @throws ModelError 'Model.Unavailable' where the table cannot be reached */
export function jobTable(table: string, provider: string, environment: Environment): JobTable {
  const send = dynamo(environment);

  const key = (id: string) => ({ TableName: table, Key: { id: { S: id } } });

  async function ask(operation: string, body: object, written?: Written): Promise<unknown> {
    let why = 'it could not be reached';
    let isUnsure = false;
    for (let attempt = 0; attempt < tries; attempt++) {
      try {
        const answer = await send(operation, body);
        if (answer.ok) return answer.body;
        const type = textField(answer.body, '__type') ?? '';
        if (type.endsWith('ConditionalCheckFailedException')) {
          return isUnsure && written !== undefined && (await isThere(written)) ? {} : null;
        }
        why = type;
        isUnsure ||= type.endsWith('InternalServerError');
      } catch {
        isUnsure = true;
      }
      await new Promise((resolve) => setTimeout(resolve, 50 * 2 ** attempt));
    }
    throw new ModelError(
      'Model.Unavailable',
      `The table of background calls of ${provider} failed: ${why.slice(0, 100)}. Retry.`,
      { provider, model: 'unknown' },
    );
  }

  async function isThere({ id, attribute, text }: Written): Promise<boolean> {
    const answer = await ask('GetItem', { ...key(id), ConsistentRead: true });
    return textField(answer, 'Item', attribute, 'S') === text;
  }

  async function query(more: object, most: number): Promise<readonly Listed[]> {
    const found: Listed[] = [];
    let from: unknown;
    do {
      const page = await ask('Query', {
        TableName: table,
        IndexName: openJobs.index,
        ...more,
        ...(from ? { ExclusiveStartKey: from } : {}),
      });
      const items = field(page, 'Items');
      for (const item of Array.isArray(items) ? items : []) {
        const due = Number(textField(item, openJobs.due, 'N') ?? 0);
        found.push({ id: textField(item, 'id', 'S') ?? '', due });
      }
      from = field(page, 'LastEvaluatedKey');
    } while (from !== undefined && found.length < most);
    return found.slice(0, most);
  }

  const ofPart = { [`#${openJobs.partition}`]: openJobs.partition };
  return {
    ask,
    key,
    listed: (part, run, most = Number.POSITIVE_INFINITY) =>
      query(
        {
          KeyConditionExpression:
            run === null ? '#open = :open' : '#open = :open AND begins_with(#run, :run)',
          ExpressionAttributeNames: {
            ...ofPart,
            ...(run === null ? {} : { '#run': openJobs.sort }),
          },
          ExpressionAttributeValues: {
            ':open': { S: part },
            ...(run === null ? {} : { ':run': { S: placeOf(run, '') } }),
          },
        },
        most,
      ),
    due: (part, now, most) =>
      query(
        {
          KeyConditionExpression: '#open = :open',
          FilterExpression: '#due <= :now',
          ExpressionAttributeNames: { ...ofPart, '#due': openJobs.due },
          ExpressionAttributeValues: { ':open': { S: part }, ':now': { N: String(now) } },
        },
        most,
      ),
  };
}
