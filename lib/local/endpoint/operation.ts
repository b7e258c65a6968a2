import type { JsonObject } from '../../json.ts';
import type { Place } from './arn.ts';
import { type Fields, type InputOf, readInput } from './field.ts';
import type { Service } from './service.ts';

/** What an operation is told of its request, beside its input. */
export interface RequestContext {
  /** Where the request plays: its region is that of its signature. */
  readonly place: Place;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

/** One operation of the API, as the table of operations holds it. */
export type Operation = (
  body: JsonObject,
  service: Service,
  context: RequestContext,
) => object | Promise<object>;

/** Makes an operation of its input's members and what it does with them. It answers AWS's output. */
export function operation<F extends Fields>(
  fields: F,
  run: (input: InputOf<F>, service: Service, context: RequestContext) => object | Promise<object>,
): Operation {
  return (body, service, context) => run(readInput(fields, body), service, context);
}
