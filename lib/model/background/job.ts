import { createHash } from 'node:crypto';
import type { Held } from '../budget/budgeted-call.ts';
import type { Purse } from '../budget/purse.ts';
import type { Grant } from '../limiter/limiter.ts';
import type { ToldLimits } from '../limiter/limits.ts';
import type { ModelRequest } from '../request.ts';
import type { Spend } from '../spend.ts';

/** A call that a provider works on in the background, or in a batch: plain data, a row of the table. */
export interface Job {
  /** See `jobId`. */
  readonly id: string;
  /** What the state waits for. It is a secret: whoever has it can answer the state. */
  readonly token: string;
  /** As it came. */
  readonly request: ModelRequest;
  /** As it was sent last, where a repair has changed it. */
  readonly asked?: ModelRequest;
  /** Absent: 'background'. */
  readonly lane?: 'batch';
  /** Our id of the batch that it is in; absent in the lane 'batch': it waits for one. */
  readonly batch?: string;
  /** Written again after its table was lost: a batch at the provider may have it. See lib/model/batch. */
  readonly restored?: true;
  /** How often the provider was too full for its batch; absent: never. */
  readonly pauses?: number;
  /** The most calls of its next batch, where a larger one was too much. */
  readonly most?: number;
  /** 1, and one more for each repair. It is in the response's metadata, so that an earlier answer is known. */
  readonly attempt: number;
  /** When the first request was made, in milliseconds since the epoch. */
  readonly started: number;
  /** When this attempt was given to the provider; absent: when the first was. */
  readonly begun?: number;
  /** When the call has to be over. */
  readonly deadline: number;
  /** The provider's name of what it works on; absent until it has told it. */
  readonly response?: string;
  /** What the attempts so far have used. */
  readonly spend?: Spend;
  /** What the limiter reserved; absent where nothing limits. */
  readonly grant?: Grant;
  /** What the budgets hold for it; absent where none is in force. */
  readonly budget?: { readonly purses: readonly Purse[]; readonly held: Held };
  /** The limits that the headers told. */
  readonly told?: ToldLimits;
  /** Its state was told and its books are closed: it is still there to be stopped at the provider. */
  readonly over?: true;
}

/** The run that a job belongs to, by name. */
export function runOf({ request: { turn, caller } }: Job): string {
  // A step with a retry policy of its own has no turn.
  return turn?.run || caller?.[0] || 'none';
}

/**
 * One token, one job: a submit that comes twice finds the job of the first. The id leaves our hands, in
 * the response's metadata; the token cannot be told from it.
 */
export function jobId(token: string): string {
  return createHash('sha256').update(token).digest('base64url').slice(0, 32);
}

/** Names in a response's metadata, which the provider gives back with it. */
export const metadataNames = { job: 'cloudgather_job', attempt: 'cloudgather_attempt' } as const;
