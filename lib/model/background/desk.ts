import type { Json } from '../../json.ts';
import type { Limiter } from '../limiter/limiter.ts';
import type { LimiterTable } from '../limiter/table.ts';
import type { Jobs } from './jobs.ts';
import type { ProviderDesk, Responses } from './responses.ts';

/**
 * Answers states that wait for a task token. Each gives false where the state no longer waits: it was
 * answered, it timed out, or its run has ended.
 */
export interface TokenAnswers {
  succeed(token: string, output: Json): Promise<boolean>;
  fail(token: string, error: string, cause?: string): Promise<boolean>;
  heartbeat(token: string): Promise<boolean>;
}

/** What a submitting function works with. */
export interface SubmitDesk extends ProviderDesk {
  readonly jobs: Jobs;
  readonly responses: Responses;
  /** null: nothing limits the calls but the provider. */
  readonly limiter: Limiter | null;
  /** Where budgets are kept; null: nowhere. */
  readonly budgetTable: LimiterTable | null;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What the functions work with that end jobs. */
export interface Desk extends SubmitDesk {
  readonly tokens: TokenAnswers;
}
