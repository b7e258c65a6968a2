import type { Environment } from '../connection.ts';
import { channelTable } from './channel-table.ts';
import { dynamoTable } from './dynamo-table.ts';
import { Limiter } from './limiter.ts';
import type { LimiterTable } from './table.ts';

/** One limiter for the life of the sandbox: it remembers the rows that it saw last. */
let made:
  | { readonly where: string; readonly table: LimiterTable; readonly limiter: Limiter }
  | undefined;

/**
 * The limiter of a model function: CLOUDGATHER_LIMITER_TABLE names a DynamoDB table, or on this machine
 * CLOUDGATHER_LIMITER_CHANNEL names the channel on which it is served. null: neither is set, and nothing is limited.
 */
export function limiterOf(environment: Environment): Limiter | null {
  const table = environment.CLOUDGATHER_LIMITER_TABLE;
  const channel = environment.CLOUDGATHER_LIMITER_CHANNEL;
  const where = table ?? channel;
  if (!where) return null;
  if (made?.where !== where) {
    const held = table ? dynamoTable(table, environment) : channelTable(where);
    made = { where, table: held, limiter: new Limiter(held) };
  }
  return made.limiter;
}

/**
 * Connects to the table while the function starts, so that the first call does not wait for it: one
 * change that cannot be done. A failure is left to the first call.
 */
export async function reachLimiter(environment: Environment): Promise<void> {
  limiterOf(environment);
  const never = { when: [{ name: 'never', is: '=', value: 1 }] } as const;
  await made?.table.change('warm-up', never).catch(() => undefined);
}

let budgets: { readonly channel: string; readonly table: LimiterTable } | undefined;

/**
 * The table in which a model function's budgets are kept: the limiter's, or on this machine the one that
 * CLOUDGATHER_BUDGET_CHANNEL names, for budgets outlive a process. null: there is none.
 */
export function budgetTableOf(environment: Environment): LimiterTable | null {
  const channel = environment.CLOUDGATHER_BUDGET_CHANNEL;
  if (!channel) return limiterOf(environment) && (made?.table ?? null);
  if (budgets?.channel !== channel) budgets = { channel, table: channelTable(channel) };
  return budgets.table;
}
