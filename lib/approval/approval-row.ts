import { awsService, type Environment } from '../callback/aws-request.ts';
import { CloudgatherError } from '../errors.ts';
import type { ApprovalAnswer, ApprovalRequest } from '../run/approval.ts';

/** Seconds that a row, and with it its link, outlives its question: long enough to see what became of it. */
export const afterlifeSeconds = 7 * 24 * 60 * 60;

/** A question as the run table keeps it. */
export interface ApprovalRow {
  readonly id: string;
  /** The waiting task's: never shown. */
  readonly token: string;
  readonly request: ApprovalRequest;
  /** Seconds since the epoch: when the time to answer is over. */
  readonly until: number;
  readonly answer: ApprovalAnswer | null;
  /** Milliseconds since the epoch; null without an answer. */
  readonly answeredAt: number | null;
  /** The answer came when the run no longer waited for it. */
  readonly late: boolean;
}

/**
 * The rows of approvals in the run table, by DynamoDB's own protocol. An answer is written once: of any
 * number that come, one gets it.
 */
export interface ApprovalRows {
  put(row: Pick<ApprovalRow, 'id' | 'token' | 'request' | 'until'>): Promise<void>;
  find(id: string): Promise<ApprovalRow | null>;
  /** False when the row is not there, or has an answer already. */
  answer(id: string, answer: ApprovalAnswer): Promise<boolean>;
  /** Notes that the answer came too late. */
  noteLate(id: string): Promise<void>;
}

/** @param environment CLOUDGATHER_RUN_TABLE names the table */
export function approvalRows(environment: Environment): ApprovalRows {
  const TableName = environment.CLOUDGATHER_RUN_TABLE ?? '';
  const service = awsService('dynamodb', environment);
  const keyOf = (id: string) => ({ id: { S: `approval#${id}` } });
  const ask = async (operation: string, body: object, refused?: string): Promise<unknown> => {
    const answer = await service(`DynamoDB_20120810.${operation}`, { TableName, ...body });
    if (answer.ok) return answer.body ?? {};
    if (answer.error === refused) return null;
    throw new CloudgatherError(
      'Approval.Unavailable',
      `The run table did not take ${operation}: ${answer.error}. Try again in a while.`,
    );
  };
  return {
    async put({ id, token, request, until }) {
      const Item = {
        ...keyOf(id),
        token: { S: token },
        request: { S: JSON.stringify(request) },
        until: { N: String(until) },
        expires: { N: String(until + afterlifeSeconds) },
      };
      await ask('PutItem', { Item });
    },
    async find(id) {
      const { Item } = (await ask('GetItem', { Key: keyOf(id), ConsistentRead: true })) as {
        Item?: Item;
      };
      return Item ? rowOf(id, Item) : null;
    },
    async answer(id, answer) {
      const update = {
        Key: keyOf(id),
        UpdateExpression: 'SET #answer = :answer, #answeredAt = :now',
        ConditionExpression: 'attribute_exists(#id) AND attribute_not_exists(#answer)',
        ExpressionAttributeNames: { '#id': 'id', '#answer': 'answer', '#answeredAt': 'answeredAt' },
        ExpressionAttributeValues: {
          ':answer': { S: JSON.stringify(answer) },
          ':now': { N: String(Date.now()) },
        },
      };
      return (await ask('UpdateItem', update, 'ConditionalCheckFailedException')) !== null;
    },
    async noteLate(id) {
      await ask('UpdateItem', {
        Key: keyOf(id),
        UpdateExpression: 'SET #late = :late',
        ExpressionAttributeNames: { '#late': 'late' },
        ExpressionAttributeValues: { ':late': { BOOL: true } },
      });
    },
  };
}

interface Item {
  readonly token: { readonly S: string };
  readonly request: { readonly S: string };
  readonly until: { readonly N: string };
  readonly answer?: { readonly S: string };
  readonly answeredAt?: { readonly N: string };
  readonly late?: { readonly BOOL: boolean };
}

function rowOf(id: string, { token, request, until, answer, answeredAt, late }: Item): ApprovalRow {
  return {
    id,
    token: token.S,
    request: JSON.parse(request.S) as ApprovalRequest,
    until: Number(until.N),
    answer: answer ? (JSON.parse(answer.S) as ApprovalAnswer) : null,
    answeredAt: answeredAt ? Number(answeredAt.N) : null,
    late: late?.BOOL === true,
  };
}
