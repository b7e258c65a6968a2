import { createHmac, timingSafeEqual } from 'node:crypto';
import { CloudgatherError } from '../../errors.ts';

/** What a task token leads to: a state that waits. */
export interface TokenHolder {
  succeed(output: string): void;
  fail(error: string | undefined, cause: string | undefined): void;
  heartbeat(): void;
}

/**
 * A task token was refused. `name` is AWS's: `InvalidToken` for what this engine never gave out,
 * `TaskTimedOut` for a task that has ended, `InvalidOutput` for output that is not JSON.
 */
export class TaskTokenRefused extends CloudgatherError {}

/**
 * The task tokens of an engine. A token is signed, not stored: with the same secret the tokens that a
 * process gave out are good after it was started anew and its executions were resumed.
 */
export class TaskTokens {
  readonly #secret: string;
  readonly #holders = new Map<string, TokenHolder>();

  constructor(secret: string) {
    this.#secret = secret;
  }

  /**
   * The token of a state's visit (its entered id) and attempt since the last redrive. The same
   * arguments give the same token.
   */
  make(executionArn: string, enteredId: number, attempt: number, redrive: number): string {
    const text = `${executionArn}#${enteredId}#${attempt}#${redrive}`;
    const body = Buffer.from(text).toString('base64url');
    return `${body}.${this.#sign(body)}`;
  }

  hold(token: string, holder: TokenHolder): void {
    this.#holders.set(token, holder);
  }

  release(token: string): void {
    this.#holders.delete(token);
  }

  isHeld(token: string): boolean {
    return this.#holders.has(token);
  }

  /** The state that waits for this token. Throws `TaskTokenRefused`. */
  holder(token: string): TokenHolder {
    const holder = this.#holders.get(token);
    if (holder) return holder;
    if (this.#isOurs(token)) {
      throw new TaskTokenRefused(
        'TaskTimedOut',
        "Task Timed Out: 'Provided task does not exist anymore'",
      );
    }
    throw new TaskTokenRefused('InvalidToken', "Invalid Token: 'Invalid token'");
  }

  #isOurs(token: string): boolean {
    const dot = token.lastIndexOf('.');
    if (dot < 0) return false;
    const expected = Buffer.from(this.#sign(token.slice(0, dot)));
    const actual = Buffer.from(token.slice(dot + 1));
    return actual.length === expected.length && timingSafeEqual(actual, expected);
  }

  #sign(body: string): string {
    return createHmac('sha256', this.#secret).update(body).digest('base64url');
  }
}
