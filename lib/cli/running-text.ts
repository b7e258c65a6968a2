import type { Run, RunStep } from '../run/run.ts';
import type { TokenEvent } from '../run/token-event.ts';
import { printable } from './format.ts';

/** So much of each answer's end is remembered. */
const remembered = 1000;

interface Answer {
  readonly name: string;
  readonly attempt: number;
  readonly step: number | null;
  text: string;
}

/** What the models of a run are saying, by step: the end of each one's latest answer. */
export class RunningText {
  readonly #answers = new Map<string, Answer>();

  add(tokens: TokenEvent, run: Run): void {
    const { answer: name, attempt, text } = tokens;
    const known = this.#answers.get(name);
    const answer = known ?? { name, attempt, step: this.#stepOf(tokens, run), text: '' };
    answer.text = (answer.text + oneLine(text)).slice(-remembered);
    if (!known) this.#answers.set(name, answer);
  }

  /** The end of what a step says, as wide as `columns`; '' where it says nothing. */
  tail(step: RunStep, columns: number): string {
    const last = [...this.#answers.values()].findLast((answer) => answer.step === step.id);
    return last === undefined ? '' : tailOf(last.text.trim(), columns);
  }

  /**
   * The step that an answer belongs to: of that name and item, entered at that time. Where iterations of
   * nested lists share all of it, one that has no such answer yet.
   */
  #stepOf({ step: name, item, startedAt, attempt }: TokenEvent, run: Run): number | null {
    const time = Date.parse(startedAt);
    const taken = new Set(
      [...this.#answers.values()]
        .filter((each) => each.attempt === attempt)
        .map(({ step }) => step),
    );
    const distance = (step: RunStep) =>
      Math.abs(Date.parse(step.startedAt) - time) + (taken.has(step.id) ? 1000 : 0);
    const [nearest] = run.steps
      .filter((step) => step.name === name && (step.item ?? null) === item)
      .sort((a, b) => distance(a) - distance(b));
    return nearest?.id ?? null;
  }
}

/** Text of others as it may stand in one line of a terminal. */
function oneLine(text: string): string {
  return printable(text.replace(/[\s\u2028\u2029]+/g, ' '));
}

/** Characters that take two columns: those of East Asia, and emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

function tailOf(text: string, columns: number): string {
  const characters = [...text];
  let width = 0;
  let from = characters.length;
  while (from > 0) {
    width += wide.test(characters[from - 1] ?? '') ? 2 : 1;
    if (width > columns) break;
    from -= 1;
  }
  return characters.slice(from).join('');
}
