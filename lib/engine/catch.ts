import type { Json, JsonObject } from '../json.ts';
import {
  type ErrorOutput,
  evaluateOutcome,
  jsonataScope,
  type Outcome,
  pathScope,
} from './data-flow.ts';
import { compileJsonataTemplate, type JsonataTemplate } from './jsonata/template.ts';
import { compilePayloadTemplate, type PayloadTemplate } from './jsonpath/payload-template.ts';
import { compileReferencePath, type ReferencePath } from './jsonpath/reference-path.ts';
import { Payload } from './payload.ts';
import { matchesError } from './retry.ts';
import type { Failure, QueryLanguage } from './states/state.ts';
import type { Strand } from './strand.ts';
import { assignment, type Variables } from './variables.ts';

/** One catcher: which errors it takes, where it leads, and what the next state gets. */
export interface Catcher {
  readonly errorEquals: readonly string[];
  readonly next: string;
  outcome(strand: Strand, failure: Failure): Outcome | Promise<Outcome>;
}

/** Compiles a state's `Catch`. */
export function compileCatchers(
  catchers: Json | undefined,
  language: QueryLanguage,
): readonly Catcher[] {
  if (!Array.isArray(catchers)) return [];
  return (catchers as readonly JsonObject[]).map((catcher, index) =>
    language === 'JSONata' ? jsonataCatcher(catcher, index) : jsonPathCatcher(catcher),
  );
}

/** The first catcher that takes the error. */
export function catcherFor(
  catchers: readonly Catcher[],
  error: string | undefined,
): Catcher | undefined {
  return catchers.find(({ errorEquals }) => matchesError(errorEquals, error));
}

function errorOutput(failure: Failure): ErrorOutput {
  return { Error: failure.error ?? '', Cause: failure.cause ?? '' };
}

function jsonPathCatcher(catcher: JsonObject): Catcher {
  const path = catcher.ResultPath;
  const resultPath: ReferencePath | null | undefined =
    path === null
      ? null
      : path === undefined || path === '$'
        ? undefined
        : compileReferencePath(path as string);
  const assign: PayloadTemplate | undefined =
    catcher.Assign === undefined ? undefined : compilePayloadTemplate(catcher.Assign);
  return {
    errorEquals: catcher.ErrorEquals as readonly string[],
    next: catcher.Next as string,
    outcome(strand, failure) {
      const error = errorOutput(failure) as unknown as JsonObject;
      const assigned = assign && assignment(assign(pathScope(strand, error)) as Variables);
      if (resultPath === null) return { output: strand.input, assigned };
      if (!resultPath) return { output: Payload.ofValue(error), assigned };
      return { output: Payload.ofValue(resultPath.write(strand.input.value, error)), assigned };
    },
  };
}

function jsonataCatcher(catcher: JsonObject, index: number): Catcher {
  const compile = (field: 'Output' | 'Assign'): JsonataTemplate | undefined =>
    catcher[field] === undefined
      ? undefined
      : compileJsonataTemplate(catcher[field], `Catch[${index}]/${field}`);
  const output = compile('Output');
  const assign = compile('Assign');
  return {
    errorEquals: catcher.ErrorEquals as readonly string[],
    next: catcher.Next as string,
    outcome(strand, failure) {
      const error = errorOutput(failure);
      const fallback = Payload.ofValue(error as unknown as JsonObject);
      return evaluateOutcome(jsonataScope(strand, undefined, error), fallback, output, assign);
    },
  };
}
