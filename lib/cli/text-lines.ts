import type { Run } from '../run/run.ts';
import type { TokenEvent } from '../run/token-event.ts';
import { printable } from './format.ts';

/** A line that nobody ends is ended at the first space after so many characters. */
const longLine = 80;

interface Line {
  readonly label: string;
  readonly step: string;
  text: string;
}

/** What the models of a run are saying, in whole lines that begin with the step's name. */
export class TextLines {
  readonly #print: (line: string) => void;
  readonly #open = new Map<string, Line>();

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  add({ answer, step, item, text }: TokenEvent): void {
    const label = item === null ? step : `${step}[${item}]`;
    const line = this.#open.get(answer) ?? { label, step, text: '' };
    this.#open.set(answer, line);
    line.text += text.replace(/\r\n?|[\u2028\u2029]/g, '\n');
    for (let end = endOf(line.text); end >= 0; end = endOf(line.text)) {
      this.#say(line, line.text.slice(0, end));
      line.text = line.text.slice(end + 1);
    }
  }

  /** Ends the lines of steps that say nothing more. */
  settle({ steps, status }: Run): void {
    for (const [answer, line] of this.#open) {
      const goesOn = steps.some(
        (step) =>
          step.name === line.step && (step.status === 'RUNNING' || step.status === 'WAITING'),
      );
      if (goesOn && status === 'RUNNING') continue;
      this.#say(line, line.text);
      this.#open.delete(answer);
    }
  }

  #say({ label }: Line, text: string): void {
    if (text.trim() !== '') this.#print(`${printable(label)} | ${printable(text).trim()}\n`);
  }
}

/** Where the line ends; -1: it does not yet. */
function endOf(text: string): number {
  const newline = text.indexOf('\n');
  const space = text.indexOf(' ', longLine);
  if (newline < 0) return space;
  return space < 0 ? newline : Math.min(newline, space);
}
