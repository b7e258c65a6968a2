import { PathInvalid } from './invalid.ts';

/** Reads a text from left to right; a failure names the text and the position. */
export class Cursor {
  position = 0;
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.position >= this.text.length;
  }

  peek(offset = 0): string {
    return this.text[this.position + offset] ?? '';
  }

  /** Steps over `expected` when it is next. */
  take(expected: string): boolean {
    const found = this.text.startsWith(expected, this.position);
    this.position += found ? expected.length : 0;
    return found;
  }

  /** Steps over `expected`, or fails. */
  expect(expected: string): void {
    if (!this.take(expected)) {
      throw this.invalid(`expected '${expected}'`);
    }
  }

  /** The match of a sticky regular expression here, or undefined. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const found = pattern.exec(this.text)?.[0];
    this.position += found?.length ?? 0;
    return found;
  }

  skipBlanks(): void {
    while (this.peek() === ' ' || this.peek() === '\t' || this.peek() === '\n') {
      this.position += 1;
    }
  }

  /** A quoted string, its quotes taken off and `\x` read as `x` (`\n`, `\t`, `\uXXXX` as in JSON). */
  quoted(): string {
    const quote = this.peek();
    let content = '';
    for (this.position += 1; !this.done; this.position += 1) {
      const character = this.peek();
      if (character === quote) {
        this.position += 1;
        return content;
      }
      content += character === '\\' ? this.escaped() : character;
    }
    throw this.invalid('a quoted string does not end');
  }

  invalid(reason: string): PathInvalid {
    return new PathInvalid(this.text, `${reason} at position ${this.position}`);
  }

  private escaped(): string {
    this.position += 1;
    const character = this.peek();
    if (character === 'u' && /^[0-9a-fA-F]{4}$/.test(this.text.substr(this.position + 1, 4))) {
      this.position += 4;
      return String.fromCharCode(
        Number.parseInt(this.text.slice(this.position - 3, this.position + 1), 16),
      );
    }
    return ESCAPES[character] ?? character;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };
