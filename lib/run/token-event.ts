import type { Piece } from '../model/stream/piece.ts';
import type { RunEvent } from './run.ts';

/**
 * Some text of a model's answer, as it came from the provider: as `Runner.events` tells it of a run
 * that is watched. The texts of one `answer`, by `index`, are the answer so far; a retry or a repair
 * begins another answer, and what an answer that was given up had told is void.
 */
export interface TokenEvent extends Piece {
  readonly type: 'Tokens';
  /**
   * Its place among the tokens of the run: `afterTokens` goes on after it. It counts from 1 and leaves
   * some out where another process has taken the run up.
   */
  readonly position: number;
}

/** Tells tokens from the events of the history. */
export function isTokens(told: RunEvent | TokenEvent): told is TokenEvent {
  return 'position' in told;
}
