import type { Json, JsonObject } from '../../json.ts';
import { compileDataFlow } from '../data-flow.ts';
import { compileNumber } from '../field.ts';
import { Payload } from '../payload.ts';
import { checkConcurrency, compileItemSelector, compileItems } from '../states/map.ts';
import type { CompileContext } from '../states/state.ts';
import { TaskFailure } from '../task/task-port.ts';
import type { Inspection } from './inspection.ts';
import { refused, type TestStateRequest } from './request.ts';
import { mockedFailure } from './task-work.ts';
import { findInside } from './tested-definition.ts';
import type { TestedStrand } from './tested-strand.ts';
import type { Worked } from './work.ts';

/** A Parallel: its branches are what the mock says they came to. */
export async function parallelWork(
  definition: JsonObject,
  context: CompileContext,
  strand: TestedStrand,
  request: TestStateRequest,
): Promise<Worked> {
  const flow = compileDataFlow(definition, context);
  const input = flow.input(strand);
  await flow.work(strand, input);
  return { input, result: mockedResult(definition, request) };
}

/** A Map: its fields are evaluated, its iterations are what the mock says they came to. */
export async function mapWork(
  definition: JsonObject,
  context: CompileContext,
  strand: TestedStrand,
  request: TestStateRequest,
  inspection: Inspection,
): Promise<Worked> {
  const flow = compileDataFlow(definition, context);
  const input = flow.input(strand);
  const path = context.language === 'JSONPath';
  if (path) inspection.add({ afterInputPath: input.value });
  const items = await itemsOf(definition, context, strand, input, request);
  if (path && definition.ItemReader === undefined) inspection.add({ afterItemsPath: items });
  if (definition.ItemSelector !== undefined)
    inspection.add({
      afterItemSelector: await selected(definition, context, strand, input, items),
    });
  const tolerance = await limits(definition, context, strand, input, inspection);
  const failures = request.stateConfiguration?.mapIterationFailureCount ?? 0;
  if (request.mock?.errorOutput === undefined && exceeds(failures, items.length, tolerance))
    throw new TaskFailure(
      'States.ExceedToleratedFailureThreshold',
      'The specified tolerated failure threshold was exceeded',
    );
  return { input, result: mockedResult(definition, request) };
}

function mockedResult(
  definition: JsonObject,
  { mock, stateConfiguration }: TestStateRequest,
): Payload {
  const { errorCausedByState: name } = stateConfiguration ?? {};
  if (name !== undefined && !findInside(definition, name))
    throw refused(`There is no state of the name '${name}' inside the tested state.`);
  if (mock?.errorOutput) throw mockedFailure(mock.errorOutput);
  return Payload.ofValue(mock?.result ?? null);
}

async function itemsOf(
  definition: JsonObject,
  context: CompileContext,
  strand: TestedStrand,
  input: Payload,
  { stateConfiguration }: TestStateRequest,
): Promise<readonly Json[]> {
  if (definition.ItemReader === undefined)
    return await compileItems(definition, context)(strand, input.value);
  const read = stateConfiguration?.mapItemReaderData;
  if (Array.isArray(read)) return read as readonly Json[];
  throw refused('mapItemReaderData must be the items that the ItemReader has read, a JSON array.');
}

async function selected(
  definition: JsonObject,
  context: CompileContext,
  strand: TestedStrand,
  input: Payload,
  items: readonly Json[],
): Promise<readonly Json[]> {
  const select = compileItemSelector(definition, context)(strand, input);
  const inputs = await Promise.all(items.map((Value, Index) => select({ Index, Value })));
  return inputs.map(({ value }) => value);
}

interface Tolerance {
  readonly count: number | undefined;
  readonly percentage: number | undefined;
}

async function limits(
  definition: JsonObject,
  { language }: CompileContext,
  strand: TestedStrand,
  input: Payload,
  inspection: Inspection,
): Promise<Tolerance> {
  const read = (name: string, kind: 'integer' | 'float' = 'integer') =>
    compileNumber(definition, name, language, kind)?.(strand, input.value);
  const maxConcurrency = (await read('MaxConcurrency')) ?? 0;
  checkConcurrency(maxConcurrency);
  inspection.add({ maxConcurrency });
  const count = await read('ToleratedFailureCount');
  if (count !== undefined) inspection.add({ toleratedFailureCount: count });
  const percentage = await read('ToleratedFailurePercentage', 'float');
  if (percentage !== undefined) inspection.add({ toleratedFailurePercentage: percentage });
  return { count, percentage };
}

/** Recordings show that without a threshold no number of failures is too many in a test. */
function exceeds(failures: number, total: number, { count, percentage }: Tolerance): boolean {
  const share = total === 0 ? 0 : (100 * failures) / total;
  return (
    (count !== undefined && failures > count) || (percentage !== undefined && share > percentage)
  );
}
