import { SymbolicValueMisused, WorkflowInvalid } from '../errors.ts';
import type { Value } from './graph.ts';
import { holdsBrokenPlaceholder, splitPlaceholders } from './placeholder.ts';
import { inParentheses } from './source-line.ts';
import { type SymbolicInfo, symbolicInfo } from './symbolic-value.ts';
import { type Trace, whereabouts } from './trace.ts';

/**
 * Turns what a user passed into a `Value`: JSON with symbolic values and template literals anywhere.
 * A property that is `undefined` is left out, as JSON.stringify does.
 * @throws WorkflowInvalid for what JSON cannot carry: functions, bigints, dates, class instances,
 *   NaN, cycles, depth over 100; and for a step that was not awaited
 * @throws SymbolicValueMisused for a value of another workflow, or a template that was cut
 */
export function toValue(data: unknown, trace: Trace, place: string): Value {
  return convert(data, { trace, place, ancestors: [] });
}

interface Conversion {
  readonly trace: Trace;
  /** Where the data goes, for messages: "model call 'gpt': prompt". */
  readonly place: string;
  readonly ancestors: readonly object[];
}

function convert(data: unknown, at: Conversion): Value {
  const info = symbolicInfo(data);
  if (info) return reference(info, at);
  switch (typeof data) {
    case 'string':
      return text(data, at);
    case 'boolean':
      return { kind: 'literal', value: data };
    case 'number':
      if (!Number.isFinite(data)) return refuse(`the number ${data}`, at);
      return { kind: 'literal', value: Object.is(data, -0) ? 0 : data };
    case 'object':
      return data === null ? { kind: 'literal', value: null } : container(data, at);
    case 'undefined':
      return refuse('undefined', at);
    default:
      return refuse(`a ${typeof data}`, at);
  }
}

function container(data: object, at: Conversion): Value {
  if (at.ancestors.includes(data)) return refuse('an object that contains itself', at);
  if (at.ancestors.length >= 100) return refuse('an object that is nested over 100 deep', at);
  const inside = (key: string): Conversion => ({
    ...at,
    place: `${at.place}${/^\d+$/.test(key) ? `[${key}]` : `.${key}`}`,
    ancestors: [...at.ancestors, data],
  });
  if (Array.isArray(data)) {
    return {
      kind: 'array',
      items: Array.from(data, (item, index) => convert(item, inside(String(index)))),
    };
  }
  if (isStep(data)) {
    const position = whereabouts(at.trace);
    throw new WorkflowInvalid(
      `A step that was not awaited is passed as ${at.place} in workflow '${at.trace.workflow}'${inParentheses(position)}. ` +
        'Write `await` before it, so that its result is passed.',
      { position },
    );
  }
  const prototype: unknown = Object.getPrototypeOf(data);
  if (prototype !== Object.prototype && prototype !== null) {
    return refuse(`a ${data.constructor?.name ?? 'class'} instance`, at);
  }
  const entries: [string, Value][] = [];
  for (const [key, child] of Object.entries(data)) {
    if (holdsBrokenPlaceholder(key)) {
      throw new SymbolicValueMisused(
        `A symbolic value is used as a property name in ${at.place} in workflow '${at.trace.workflow}'${inParentheses(whereabouts(at.trace))}. Names are fixed ` +
          'before the workflow runs: use a list of { name, value } objects instead.',
      );
    }
    if (child !== undefined) entries.push([key, convert(child, inside(key))]);
  }
  return { kind: 'object', entries };
}

function text(data: string, at: Conversion): Value {
  const parts = splitPlaceholders(data);
  if (!parts) return { kind: 'literal', value: data };
  return {
    kind: 'concat',
    parts: parts.map((part) => {
      if (typeof part !== 'string') return reference(part, at);
      if (!holdsBrokenPlaceholder(part)) return { kind: 'literal', value: part };
      throw new SymbolicValueMisused(
        `The text passed as ${at.place} in workflow '${at.trace.workflow}'${inParentheses(whereabouts(at.trace))} was cut, cased or encoded after a symbolic value ` +
          'was put into it. Text with symbolic values can only be joined: change it in a step (a task).',
      );
    }),
  };
}

function reference(info: SymbolicInfo, at: Conversion): Value {
  if (info.trace === at.trace) return at.trace.resolved(info.value);
  throw new SymbolicValueMisused(
    `The value '${info.text}' of workflow '${info.trace.workflow}' is used in workflow '${at.trace.workflow}'${inParentheses(whereabouts(at.trace))}: ${at.place}. ` +
      'Values do not travel between workflows: pass it through the input.',
  );
}

function refuse(what: string, at: Conversion): never {
  const position = whereabouts(at.trace);
  throw new WorkflowInvalid(
    `${at.place} in workflow '${at.trace.workflow}'${inParentheses(position)} is ${what}, which JSON cannot carry. ` +
      'Allowed are null, booleans, finite numbers, strings, arrays, plain objects and symbolic values: ' +
      'write a date as text, a class instance as a plain object, and leave functions out.',
    { position },
  );
}

/** A step is told by its brand, so that this file needs no import of the class. */
export const stepBrand: unique symbol = Symbol('cloudgather.step');

export function isStep(value: unknown): boolean {
  return typeof value === 'object' && value !== null && stepBrand in value;
}
