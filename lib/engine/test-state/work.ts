import type { JsonObject } from '../../json.ts';
import { catcherFor, compileCatchers } from '../catch.ts';
import { compileDataFlow } from '../data-flow.ts';
import type { Payload } from '../payload.ts';
import { compileRetriers, matchesError, retryDelay } from '../retry.ts';
import type { CompileContext, Failure } from '../states/state.ts';
import { mapWork, parallelWork } from './group-work.ts';
import { compileResultStages, type Inspection } from './inspection.ts';
import type { ErrorDetails, TestStateRequest } from './request.ts';
import { taskWork } from './task-work.ts';
import { failureOf, type Left, type TestedStrand } from './tested-strand.ts';

/** The work of a Task, Map or Parallel is done. */
export interface Worked {
  /** The effective input. */
  readonly input: Payload;
  readonly result: Payload;
}

/** How a state that can retry and catch was left. */
export type Handled =
  | Left
  | { readonly retried: Failure }
  | { readonly caught: Failure; readonly left: Exclude<Left, { failure: Failure }> };

/** Runs a Task, Map or Parallel, with its Retry and Catch. */
export async function runHandledState(
  definition: JsonObject,
  context: CompileContext,
  strand: TestedStrand,
  request: TestStateRequest,
  inspection: Inspection,
): Promise<Handled> {
  try {
    const worked = await work(definition, context, strand, request, inspection);
    return await finish(definition, context, strand, worked, inspection);
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    return await handle(failure, definition, context, strand, inspection);
  }
}

function work(
  definition: JsonObject,
  context: CompileContext,
  strand: TestedStrand,
  request: TestStateRequest,
  inspection: Inspection,
): Promise<Worked> {
  if (definition.Type === 'Map') return mapWork(definition, context, strand, request, inspection);
  if (definition.Type === 'Parallel') return parallelWork(definition, context, strand, request);
  return taskWork(definition, context, strand, request, inspection);
}

async function finish(
  definition: JsonObject,
  context: CompileContext,
  strand: TestedStrand,
  { input, result }: Worked,
  inspection: Inspection,
): Promise<Left> {
  if (context.language === 'JSONPath') {
    const stages = compileResultStages(definition, context);
    inspection.add(await stages(strand, input, result));
  }
  const outcome = await compileDataFlow(definition, context).finish(strand, input, result);
  strand.exit(outcome.output, outcome.assigned, definition.Next as string | undefined);
  return await strand.left;
}

/** The first retrier that names the error decides, then the first catcher. */
async function handle(
  failure: Failure,
  definition: JsonObject,
  context: CompileContext,
  strand: TestedStrand,
  inspection: Inspection,
): Promise<Handled> {
  const retriers = compileRetriers(definition.Retry);
  const retryIndex = retriers.findIndex((each) => matchesError(each.errorEquals, failure.error));
  const retrier = retriers[retryIndex];
  let details: ErrorDetails = retrier ? { retryIndex } : {};
  if (retrier && strand.retryCount < retrier.maxAttempts) {
    // With full jitter the interval is anything up to this.
    const delay = retryDelay(retrier, strand.retryCount, () => 1);
    inspection.add({ errorDetails: { ...details, retryBackoffIntervalSeconds: delay / 1000 } });
    return { retried: failure };
  }
  const catchers = compileCatchers(definition.Catch, context.language);
  const catcher = catcherFor(catchers, failure.error);
  if (catcher) details = { ...details, catchIndex: catchers.indexOf(catcher) };
  if (retrier || catcher) inspection.add({ errorDetails: details });
  if (!catcher) return { failure };
  const { output, assigned } = await catcher.outcome(strand, failure);
  return { caught: failure, left: { output, assigned, next: catcher.next } };
}
