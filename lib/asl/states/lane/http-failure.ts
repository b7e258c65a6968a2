import type { Json, JsonObject } from '../../../json.ts';
import type { ModelErrorName } from '../../../model/errors.ts';
import { httpErrorWords } from '../../../model/http-errors.ts';
import type { Retrier } from '../../../model/retry-policy.ts';
import type { Value } from '../../../workflow/graph.ts';
import type { HttpCallNode } from '../../../workflow/http-lane.ts';
import { input, inputHand } from '../../hand.ts';
import { jsonataString } from '../../literal.ts';
import type { State } from '../../machine.ts';
import { type Catcher, leadingFields, type Place } from '../../place.ts';

const status = (...codes: readonly number[]): readonly string[] =>
  codes.map((code) => `States.Http.StatusCode.${code}`);

/**
 * What an HTTP Task's errors are called in the other lanes (`statusFault`). Of a failed reply Step
 * Functions keeps nothing but the status: neither body nor headers come to a Catch. So Retry-After is not
 * known, and an exhausted quota looks like a rate limit.
 */
const names: Partial<Readonly<Record<ModelErrorName, readonly string[]>>> = {
  'Model.RateLimited': status(429),
  'Model.Overloaded': status(498, 503, 529),
  'Model.Timeout': ['States.Timeout', 'States.Http.Socket', ...status(408, 504, 524)],
  'Model.Unavailable': status(409, 424, 425, 499, 500, 502, 520, 521, 522, 523),
  'Model.Unauthorized': status(401, 403),
  'Model.QuotaExhausted': status(402),
  'Model.Rejected': status(400, 404, 405, 413, 415, 422),
};

const namesOf = (error: string): readonly string[] => names[error as ModelErrorName] ?? [error];

/** A provider that is full is asked again, later and later; a call that broke twice, as in every lane. */
const usual: readonly Retrier[] = [
  {
    ErrorEquals: ['Model.RateLimited', 'Model.Overloaded'],
    IntervalSeconds: 2,
    BackoffRate: 2,
    MaxAttempts: 10,
    MaxDelaySeconds: 60,
    JitterStrategy: 'FULL',
  },
  {
    ErrorEquals: ['Model.Timeout', 'Model.Unavailable'],
    IntervalSeconds: 1,
    BackoffRate: 2,
    MaxAttempts: 2,
    MaxDelaySeconds: 10,
    JitterStrategy: 'FULL',
  },
];

/** The retry policy, in the names that an HTTP Task's errors have. */
export function httpRetry(own: readonly Retrier[] | null): Json {
  return (own ?? usual).map((retrier) => ({
    ...retrier,
    ErrorEquals: retrier.ErrorEquals.flatMap(namesOf),
  })) as unknown as Json;
}

/** The failure's name in every lane: `httpErrorName`, in JSONata. */
const name =
  '($e := $states.errorOutput.Error; ' +
  '$code := $number($match($e, /^States\\.Http\\.StatusCode\\.([0-9]+)$/).groups[0]); ' +
  "$told := $match($states.errorOutput.Cause, /Model\\.([A-Za-z]+)[^A-Za-z']*$/).groups[0]; " +
  "$code = 429 ? 'Model.RateLimited' : $code in [498, 503, 529] ? 'Model.Overloaded' " +
  ": $code in [408, 504, 524] or $e in ['States.Timeout', 'States.Http.Socket'] ? 'Model.Timeout' " +
  ": $code in [409, 424, 425, 499] or $code >= 500 ? 'Model.Unavailable' : $code in [401, 403] ? 'Model.Unauthorized' " +
  ": $code = 402 ? 'Model.QuotaExhausted' : $exists($code) ? 'Model.Rejected' " +
  ": $e != 'States.QueryEvaluationError' ? $e : $exists($told) ? 'Model.' & $told : 'Model.OutputInvalid')";

/** As `httpErrorCause`. */
function cause(provider: string, model: string): string {
  const { of, unusable, failed } = httpErrorWords;
  return (
    `${jsonataString(of(provider, model))} & ($states.errorOutput.Error = 'States.QueryEvaluationError' ` +
    `? ${jsonataString(unusable)} : ${jsonataString(failed)} & $states.errorOutput.Error & '.')`
  );
}

/**
 * Takes every failure and gives it its name: for the handler around the call, for a Choice among several,
 * or for the Fail that ends the run.
 */
export function httpCatch(place: Place, node: HttpCallNode, model: string): State {
  const aside = { ...place, unsure: true };
  const isFirst = place.first === node.id;
  const failure: Value = {
    kind: 'object',
    entries: [
      ['error', { kind: 'jsonata', texts: [name], values: [], path: [] }],
      [
        'cause',
        { kind: 'jsonata', texts: [cause(node.target.provider, model)], values: [], path: [] },
      ],
    ],
  };
  const [first] = place.catchers;
  if (first && takesAll(first)) {
    return taking(leadingFields(aside, first.ending(failure), first.resting, isFirst));
  }
  const next = first ? choiceState(aside, node) : failState(aside, node);
  const unused = { key: '', words: '' };
  return taking(leadingFields(aside, { next, assign: [], output: failure }, unused, isFirst));
}

function taking(rule: JsonObject): State {
  return { Catch: [{ ErrorEquals: ['States.ALL'], ...rule }] };
}

function takesAll({ errors }: Catcher): boolean {
  return errors.includes('States.ALL') || errors.includes('States.TaskFailed');
}

/** Which handler takes the failure is told by its name, which is not that of an HTTP Task. */
function choiceState(place: Place, node: HttpCallNode): string {
  const { catchers, machine, scope } = place;
  const all = catchers.findIndex(takesAll);
  const some = all === -1 ? catchers : catchers.slice(0, all);
  const failure: Value = {
    kind: 'object',
    entries: [
      ['error', input('error')],
      ['cause', input('cause')],
    ],
  };
  const lead = ({ ending, resting }: Catcher): JsonObject =>
    leadingFields(place, ending(failure), resting, false, inputHand);
  const { Next, ...otherwise }: JsonObject = catchers[all]
    ? lead(catchers[all])
    : { Next: failState(place, node) };
  const choice = scope.names.extra(`${node.id}:by error`, `${scope.names.state(node.id)} by error`);
  machine.add(choice, {
    Type: 'Choice',
    Choices: some.map((catcher) => ({
      Condition: `{% $states.input.error in [${catcher.errors.map(jsonataString).join(', ')}] %}`,
      ...lead(catcher),
    })),
    Default: Next ?? '',
    ...otherwise,
  });
  return choice;
}

function failState({ scope, machine }: Place, node: HttpCallNode): string {
  const fail = scope.names.extra(`${node.id}:fails`, `${scope.names.state(node.id)} fails`);
  machine.add(fail, {
    Type: 'Fail',
    Error: '{% $states.input.error %}',
    Cause: '{% $states.input.cause %}',
  });
  return fail;
}
