import { randomUUID } from 'node:crypto';
import type { Caller } from '../caller.ts';
import type { Piece, PieceSink } from './piece.ts';

/** Longer texts are told in parts. */
const mostCharacters = 16_000;
/** How long the end of a call waits for the last pieces to be taken. */
const lastWait = 1_000;
/** A sink that has failed so often in a row is told nothing more. */
const mostFailures = 5;

/** Text of one answer that is still to be told. */
interface Pending {
  readonly answer: number;
  text: string;
}

/**
 * Tells a sink the text of one call in pieces: the first text at once, the rest in the sink's pace.
 * Nothing waits for the sink but the call's end, and that not long; a sink that is slow gets larger
 * pieces, one that fails gets the piece again, twice as late each time.
 */
export class Teller {
  readonly #sink: PieceSink;
  readonly #about: Pick<Piece, 'run' | 'workflow' | 'step' | 'startedAt' | 'item' | 'attempt'>;
  readonly #call = randomUUID().slice(0, 13);
  readonly #pending: Pending[] = [];
  readonly #told = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | null = null;
  #next = 0;
  #failures = 0;
  #isDeaf = false;

  constructor(sink: PieceSink, [run, workflow, state, item]: Caller) {
    const { Name: step, EnteredTime: startedAt, RetryCount } = state;
    this.#sink = sink;
    this.#about = { run, workflow, step, startedAt, item: item ?? null, attempt: RetryCount + 1 };
  }

  /** @param answer 1 for the call's first, one more for each repair */
  text(text: string, answer: number): void {
    if (this.#isDeaf) return;
    const last = this.#pending.at(-1);
    if (last?.answer === answer) last.text += text;
    else this.#pending.push({ answer, text });
    if (this.#sending === null && this.#timer === undefined) this.#schedule();
  }

  /** Tells what is left. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    this.#next = 0;
    const late = performance.now() + lastWait;
    while (performance.now() < late) {
      if (this.#sending === null) this.#send(true);
      if (this.#sending === null && this.#pending.length === 0) return;
      await Promise.race([this.#sending, pause(late - performance.now())]);
    }
  }

  #schedule(): void {
    const wait = this.#next - performance.now();
    if (wait <= 0) this.#send(false);
    else this.#timer = setTimeout(() => this.#send(false), wait).unref();
  }

  #send(isEnd: boolean): void {
    this.#timer = undefined;
    const piece = this.#take(isEnd);
    if (piece === null) return;
    this.#next = performance.now() + this.#sink.pause;
    const taken = () => {
      this.#failures = 0;
    };
    const refused = () => this.#refused(piece);
    const sent = tried(() => this.#sink.tell(piece));
    if (sent === undefined) {
      taken();
      if (this.#pending.length > 0) this.#schedule();
      return;
    }
    this.#sending = sent.then(taken, refused).then(() => {
      this.#sending = null;
      if (this.#pending.length > 0 && this.#timer === undefined) this.#schedule();
    });
  }

  /** The next piece; half of a surrogate pair at its end waits for the other half. */
  #take(isEnd: boolean): Piece | null {
    const first = this.#pending[0];
    if (first === undefined) return null;
    const isLast = isEnd || this.#pending.length > 1;
    let length = Math.min(first.text.length, mostCharacters);
    const isHalf = /[\uD800-\uDBFF]/.test(first.text[length - 1] ?? '');
    if (isHalf && (length < first.text.length || !isLast)) length -= 1;
    if (length === 0) return null;
    const text = first.text.slice(0, length);
    if (length === first.text.length) this.#pending.shift();
    else first.text = first.text.slice(length);
    const index = this.#told.get(first.answer) ?? 0;
    this.#told.set(first.answer, index + 1);
    return { ...this.#about, answer: `${this.#call}-${first.answer}`, index, text };
  }

  #refused(piece: Piece): void {
    this.#failures += 1;
    if (this.#failures >= mostFailures) {
      this.#isDeaf = true;
      this.#pending.length = 0;
      return;
    }
    const answer = Number(piece.answer.slice(this.#call.length + 1));
    this.#told.set(answer, piece.index);
    const next = this.#pending[0];
    if (next?.answer === answer) next.text = piece.text + next.text;
    else this.#pending.unshift({ answer, text: piece.text });
    this.#next = performance.now() + this.#sink.pause * 2 ** this.#failures;
  }
}

/** undefined: it was taken at once. */
function tried(tell: () => Promise<void> | void): Promise<void> | undefined {
  try {
    return tell() ?? undefined;
  } catch (error) {
    return Promise.reject(error);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, milliseconds)).unref();
  });
}
