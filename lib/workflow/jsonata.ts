import parse from 'jsonata';
import { WorkflowInvalid } from '../errors.ts';
import type { Expression } from './graph.ts';
import type { Symbolic } from './symbolic.ts';
import { symbolic } from './symbolic-value.ts';
import { currentScope } from './trace.ts';
import { toValue } from './value.ts';

/**
 * The escape hatch: computes with JSONata 2.0.6 what has no word here, in the state that reads it.
 * jsonata<number>`$sum(${order.items}.price)` is a symbolic number. It costs no state.
 *
 * The text is checked now; what it computes is not. Values are put in between as expressions of their
 * own, never as text, so that no value can change the program.
 *
 * @throws WorkflowInvalid for text that is not JSONata, for `$eval` (Step Functions has none), and for
 *   `{%` and `%}`, which would end the expression
 */
export function jsonata<T = unknown>(
  texts: TemplateStringsArray,
  ...holes: readonly unknown[]
): Symbolic<T> {
  return made<T>(texts, holes, {});
}

/**
 * As `jsonata`, for what only carries its values on: into a list, into a text, or nowhere where they are
 * null. A value that was put aside for its size may then stay so.
 */
export function carried<T = unknown>(
  texts: TemplateStringsArray,
  ...holes: readonly unknown[]
): Symbolic<T> {
  return made<T>(texts, holes, { carries: true });
}

function made<T>(
  texts: TemplateStringsArray,
  holes: readonly unknown[],
  kind: { readonly carries?: true },
): Symbolic<T> {
  const trace = currentScope()?.trace;
  if (!trace) {
    throw new WorkflowInvalid(
      "jsonata`...` is used outside a workflow's body. It computes when the workflow runs: use plain JavaScript elsewhere.",
    );
  }
  const plain = [...texts];
  check(plain);
  const values = holes.map((hole, index) => toValue(hole, trace, `value ${index + 1} of jsonata`));
  const value: Expression = { kind: 'jsonata', texts: plain, values, path: [], ...kind };
  return symbolic({ trace, value, text: `jsonata\`${plain.join('…')}\`` }) as Symbolic<T>;
}

function check(texts: readonly string[]): void {
  const program = texts.join('($hole)');
  const shown = texts.join('${…}');
  if (/\{%|%\}/.test(program)) {
    throw new WorkflowInvalid(
      `jsonata\`${shown}\` holds '{%' or '%}', which would end the expression in the document. Write them as '{' & '%' .`,
    );
  }
  if (/\$eval\b/.test(program)) {
    throw new WorkflowInvalid(
      `jsonata\`${shown}\` calls $eval, which Step Functions does not have. Use $parse for JSON text.`,
    );
  }
  try {
    parse(program);
  } catch (problem) {
    const { message } = problem as { message?: string };
    throw new WorkflowInvalid(
      `jsonata\`${shown}\` is not JSONata: ${message ?? 'it cannot be parsed.'} See https://docs.jsonata.org.`,
    );
  }
}
