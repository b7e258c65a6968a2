/**
 * The types of symbolic values: what `await step` gives while a workflow's body is traced. A symbolic
 * value stands for data that only a run knows, so the types allow what can be compiled (a property,
 * an index, a template literal, passing it on) and refuse the rest at compile time.
 */

declare const symbolicValue: unique symbol;

interface Brand<T> {
  readonly [symbolicValue]: T;
}

type Primitive = string | number | boolean | bigint | null | undefined;

type KeysOfUnion<T> = T extends Primitive ? never : T extends unknown ? keyof T : never;
type PropertyOfUnion<T, K> = T extends unknown ? (K extends keyof T ? T[K] : never) : never;

type IsAny<T> = 0 extends 1 & T ? true : false;

/**
 * The symbolic counterpart of `T`. A primitive is opaque; an object has its properties; of a union of
 * objects every member's properties can be reached (what is absent at run time fails the step that
 * reads it, with `States.QueryEvaluationError`).
 */
export type Symbolic<T> =
  IsAny<T> extends true
    ? // biome-ignore lint/suspicious/noExplicitAny: `any` in, `any` out, as everywhere in TypeScript.
      any
    : [T] extends [Primitive]
      ? Brand<T>
      : [T] extends [readonly unknown[]]
        ? number extends T['length']
          ? Brand<T> & { readonly [index: number]: Symbolic<T[number]> }
          : Brand<T> & SymbolicTuple<T>
        : Brand<T> & {
            readonly [K in Exclude<KeysOfUnion<T>, symbol>]: Symbolic<PropertyOfUnion<T, K>>;
          };

/** A tuple's width is known, so it can be destructured, iterated and mapped while tracing. */
type SymbolicTuple<T extends readonly unknown[]> = {
  readonly [K in keyof T]: Symbolic<T[K]>;
};

/** What may be passed where a `T` is wanted: the value, a symbolic one, or a mixture. */
export type Given<T> =
  IsAny<T> extends true
    ? // biome-ignore lint/suspicious/noExplicitAny: `any` in, `any` out, as everywhere in TypeScript.
      any
    : T extends Primitive
      ? T | Brand<T>
      : T extends readonly unknown[]
        ? Brand<T> | { readonly [K in keyof T]: Given<T[K]> }
        : T extends object
          ? Brand<T> | { readonly [K in keyof T]: Given<T[K]> }
          : T;

/** The data that a value with symbolic parts stands for: the inverse of `Symbolic`. */
export type Concrete<V> =
  IsAny<V> extends true
    ? V
    : V extends Brand<infer T>
      ? T
      : V extends Primitive
        ? V
        : V extends (...args: never[]) => unknown
          ? never
          : { -readonly [K in keyof V]: Concrete<V[K]> };
