import type { Piece } from '../model/stream/piece.ts';
import type { TokenEvent } from '../run/token-event.ts';

/** So much text of one run is kept, in characters; the oldest goes first. */
const mostKept = 4_000_000;

interface Kept {
  readonly tokens: TokenEvent;
  /** How many of the run's events had been told before. */
  readonly events: number;
}

/** The tokens of a run that goes on, in the order in which they came. */
export class TokenLog {
  #kept: Kept[] = [];
  /** The position before the first that is kept. */
  #gone: number;
  #size = 0;

  /** @param before the last position that may have been given away already. Default: 0 */
  constructor(before = 0) {
    this.#gone = before;
  }

  /** @param events how many of the run's events had been told until then */
  add(piece: Piece, events: number): void {
    const position = this.#gone + this.#kept.length + 1;
    this.#kept.push({ tokens: { type: 'Tokens', position, ...piece }, events });
    this.#size += piece.text.length;
    if (this.#size > mostKept) this.#forget();
  }

  /**
   * The first tokens after a position that came before the event after `event`; undefined: none yet.
   * @param event the id of the last event that was told to the one who asks
   */
  next(position: number, event: number): TokenEvent | undefined {
    const kept = this.#kept[Math.max(0, position - this.#gone)];
    return kept && kept.events <= event ? kept.tokens : undefined;
  }

  /** The older half: forgetting one by one would cost more with each. */
  #forget(): void {
    const half = Math.ceil(this.#kept.length / 2);
    for (const { tokens } of this.#kept.slice(0, half)) this.#size -= tokens.text.length;
    this.#kept = this.#kept.slice(half);
    this.#gone += half;
  }
}
