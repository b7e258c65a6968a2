import type { Environment } from '../connection.ts';
import { dynamoTable } from './dynamo-table.ts';
import { Limiter } from './limiter.ts';
import { remoteTable } from './remote-table.ts';

/** One limiter for the life of the sandbox: it remembers the rows that it saw last. */
let made: { readonly where: string; readonly limiter: Limiter } | undefined;

/**
 * The limiter of a model function: CLOUDGATHER_LIMITER_TABLE names a DynamoDB table, or on this machine
 * CLOUDGATHER_LIMITER_URL is where the table is served. null: neither is set, and nothing is limited.
 */
export function limiterOf(environment: Environment): Limiter | null {
  const table = environment.CLOUDGATHER_LIMITER_TABLE;
  const url = environment.CLOUDGATHER_LIMITER_URL;
  const where = table ?? url;
  if (!where) return null;
  if (made?.where !== where) {
    const held = table ? dynamoTable(table, environment) : remoteTable(where);
    made = { where, limiter: new Limiter(held) };
  }
  return made.limiter;
}
