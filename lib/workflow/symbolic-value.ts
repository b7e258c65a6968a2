import { SymbolicValueMisused } from '../errors.ts';
import type { Expression, Reference } from './graph.ts';
import { placeholderFor } from './placeholder.ts';
import { inParentheses } from './source-line.ts';
import { type Trace, whereabouts } from './trace.ts';

/** What a symbolic value stands for. */
export interface SymbolicInfo {
  readonly trace: Trace;
  readonly value: Expression | Reference;
  /** For messages: "answers.gpt.value". */
  readonly text: string;
}

/** What tracing knows of a value: a gather's width or keys, each with what is known of the element. */
export type Shape = 'unknown' | { readonly tuple: number } | { readonly record: readonly string[] };

const infos = new WeakMap<object, SymbolicInfo>();

const widths = new WeakSet<object>();

/** The property by which a symbolic value gives itself: how a destructuring pattern can ask what it takes apart. */
export const itself = Symbol('cloudgather.itself');

/** The info of a symbolic value, or undefined for any other value. */
export function symbolicInfo(value: unknown): SymbolicInfo | undefined {
  return typeof value === 'function' ? infos.get(value) : undefined;
}

/** Whether the value is that of a gather: it can be iterated, spread and destructured while tracing. */
export function hasFixedWidth(value: unknown): boolean {
  return typeof value === 'function' && widths.has(value);
}

/**
 * Makes the symbolic value of a reference. It answers what can be compiled (property, index, template
 * literal) and throws `SymbolicValueMisused`, with its path and what to write instead, for whatever
 * JavaScript lets it see: arithmetic, `<`, `==`, `+`, iteration, spreading, JSON.stringify, a call,
 * an assignment, `in`.
 */
export function symbolic(info: SymbolicInfo, shape: Shape = 'unknown'): unknown {
  const proxy: object = new Proxy(target(info.text), new SymbolicHandler(info, shape));
  infos.set(proxy, info);
  if (shape !== 'unknown') widths.add(proxy);
  return proxy;
}

/**
 * What stands behind the proxy: a bound function, since only a function can be trapped when it is
 * called or constructed, and a bound one has no `prototype` that `ownKeys` would have to list.
 * console.log looks behind proxies, so it is told there what it has before it.
 */
function target(text: string): () => void {
  const bound = function symbolicValue() {}.bind(null);
  return Object.assign(bound, {
    [Symbol.for('nodejs.util.inspect.custom')]: () => `[symbolic value ${text}]`,
  });
}

class SymbolicHandler implements ProxyHandler<() => void> {
  readonly #info: SymbolicInfo;
  readonly #shape: Shape;
  readonly #children = new Map<string, unknown>();

  constructor(info: SymbolicInfo, shape: Shape) {
    this.#info = info;
    this.#shape = shape;
  }

  get(_target: unknown, key: string | symbol, proxy: unknown): unknown {
    if (key === itself) return proxy;
    if (typeof key === 'symbol') return this.#symbolKey(key);
    // `await` asks every value whether it is a promise: this one is not.
    if (key === 'then') return undefined;
    if (key === 'toJSON') return () => this.#refuse('turned into JSON', jsonHint);
    if (key === 'toString') return () => placeholderFor(this.#info);
    if (key === 'valueOf') return () => this.#refuse('used as a plain value', compareHint);
    if (typeof this.#shape === 'object' && 'tuple' in this.#shape && !/^\d+$/.test(key)) {
      const elements = this.#elements();
      const member: unknown = Reflect.get(elements, key);
      return typeof member === 'function' ? member.bind(elements) : member;
    }
    return this.#child(key);
  }

  #symbolKey(key: symbol): unknown {
    if (key === Symbol.toPrimitive) {
      return (hint: string) =>
        hint === 'string'
          ? placeholderFor(this.#info)
          : this.#refuse(
              hint === 'number' ? 'used in arithmetic or compared' : 'added or compared',
              compareHint,
            );
    }
    if (key === Symbol.iterator) {
      if (typeof this.#shape === 'object' && 'tuple' in this.#shape) {
        const elements = this.#elements();
        return () => elements[Symbol.iterator]();
      }
      return () => this.#refuse('iterated or spread', iterateHint);
    }
    if (key === Symbol.asyncIterator) return () => this.#refuse('iterated', iterateHint);
    return undefined;
  }

  #child(key: string): unknown {
    const known = this.#children.get(key);
    if (known !== undefined) return known;
    this.#checkSlot(key);
    const index = /^(?:0|[1-9]\d{0,8})$/.test(key);
    const part = index ? Number(key) : key;
    const value = { ...this.#info.value, path: [...this.#info.value.path, part] };
    const text = index || !/^[A-Za-z_$][\w$]*$/.test(key) ? `[${key}]` : `.${key}`;
    const child = symbolic({ trace: this.#info.trace, value, text: this.#info.text + text });
    this.#children.set(key, child);
    return child;
  }

  #checkSlot(key: string): void {
    if (this.#shape === 'unknown') return;
    const slots =
      'record' in this.#shape
        ? this.#shape.record
        : Array.from({ length: this.#shape.tuple }, (_, index) => String(index));
    if (slots.includes(key)) return;
    this.#refuse(
      `asked for '${key}', which is none of its branches,`,
      `Its branches are: ${slots.join(', ')}.`,
    );
  }

  #elements(): unknown[] {
    const width = typeof this.#shape === 'object' && 'tuple' in this.#shape ? this.#shape.tuple : 0;
    return Array.from({ length: width }, (_, index) => this.#child(String(index)));
  }

  apply(): never {
    return this.#refuse('called', callHint);
  }

  construct(): never {
    return this.#refuse('constructed', callHint);
  }

  set(): never {
    return this.#refuse('changed', 'Build a new object that holds it: { ...yours, field: value }.');
  }

  defineProperty(): never {
    return this.set();
  }

  deleteProperty(): never {
    return this.set();
  }

  has(_target: unknown, key: string | symbol): never {
    return this.#refuse(`asked whether it has '${String(key)}'`, compareHint);
  }

  ownKeys(): string[] {
    if (typeof this.#shape === 'object') {
      return 'record' in this.#shape
        ? [...this.#shape.record]
        : this.#elements().map((_, index) => String(index));
    }
    return this.#refuse('spread, or asked for its keys', iterateHint);
  }

  getOwnPropertyDescriptor(_target: unknown, key: string | symbol): PropertyDescriptor | undefined {
    if (typeof key === 'symbol' || typeof this.#shape !== 'object') return undefined;
    return { value: this.#child(key), enumerable: true, configurable: true, writable: false };
  }

  #refuse(what: string, instead: string): never {
    const error = new SymbolicValueMisused(
      `The value '${this.#info.text}' is ${what} in workflow '${this.#info.trace.workflow}'${inParentheses(whereabouts())}, but it is known only when the ` +
        `workflow runs: the body runs once, before that, to build the document. ${instead}`,
    );
    this.#info.trace.problem ??= error;
    throw error;
  }
}

const compareHint =
  'Compare with eq, lt and the like inside `when`, compute in a step (a task) or with jsonata`...`, or make text of it with a template literal.';
const iterateHint =
  'Pass it whole to a step and iterate there; only the result of a gather of fixed width can be iterated here.';
const jsonHint =
  'Put it into a template literal instead: that writes objects as JSON when the workflow runs.';
const callHint =
  'Methods of its data exist only when the workflow runs: call them in a step (a task) that receives the value.';
