import { type SourcePosition, StepMisused } from '../errors.ts';
import { type Reference, referencesIn, type Sequence, type Value } from './graph.ts';
import type { Step } from './step.ts';
import type { Concrete } from './symbolic.ts';
import { symbolic } from './symbolic-value.ts';
import { runInScope, type Scope, whereabouts } from './trace.ts';
import { isStep, toValue } from './value.ts';

/** What a branch, a case or a handler gives: a step's result, or what its function returns. */
export type Outcome<B> =
  B extends Step<infer T>
    ? T
    : B extends (...args: never[]) => infer R
      ? R extends Step<infer T>
        ? T
        : Concrete<Awaited<R>>
      : Concrete<B>;

/**
 * Traces a step or a function's body in a scope of its own, so that its steps are not those of the
 * scope around it. `place` says where, for messages: "branch 'gpt' of gather".
 * @throws StepMisused for a value of a scope that cannot be seen from here
 */
export function traceSequence(body: unknown, scope: Scope, place: string): Promise<Sequence> {
  return runInScope(scope, async () => {
    const output = isStep(body)
      ? await recordStep(body as Step<unknown>, scope, place)
      : toValue((await resultOf(body)) ?? null, scope.trace, `the result of ${place}`);
    checkReadable(output, scope, `The result of ${place}`);
    return { nodes: scope.nodes, output };
  });
}

async function recordStep(step: Step<unknown>, scope: Scope, place: string): Promise<Value> {
  step.claim(place);
  const { reference, constant } = await step.record(scope);
  return reference ?? toValue(constant, scope.trace, place);
}

async function resultOf(body: unknown): Promise<unknown> {
  return typeof body === 'function' ? await body() : body;
}

/** A value that the scope is given, as its function receives it. */
export function given(
  scope: Scope,
  text: string,
): { readonly id: number; readonly value: unknown } {
  const { trace } = scope;
  const id = trace.declare(scope);
  const reference: Reference = { kind: 'result', node: id, path: [] };
  return { id, value: symbolic({ trace, value: reference, text }) };
}

/** @throws StepMisused where a state in this scope could not read the value */
export function checkReadable(
  value: Value,
  scope: Scope,
  what: string,
  position: SourcePosition | null = whereabouts(),
): void {
  for (const reference of referencesIn(value)) {
    if (scope.trace.canRead(reference, scope)) continue;
    const error = new StepMisused(
      `${what} in workflow '${scope.trace.workflow}' reads the result of a step inside another branch. ` +
        'Branches cannot see each other, nor can cases, turns and handlers: return the value from there, and read it from the result of the whole.',
      position,
    );
    scope.trace.problem ??= error;
    throw error;
  }
}
