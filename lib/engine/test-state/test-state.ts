import type { Json } from '../../json.ts';
import { VirtualClock } from '../clock/virtual-clock.ts';
import { failureDetails } from '../execution.ts';
import { compileProgram } from '../states/compile.ts';
import type { CompileContext } from '../states/state.ts';
import { assign } from '../variables.ts';
import { Inspection } from './inspection.ts';
import { runPlainState } from './plain-state.ts';
import { checkMock, type TestStateRequest, type TestStateResult } from './request.ts';
import { checkCallable } from './task-work.ts';
import { testedDefinition } from './tested-definition.ts';
import { type Left, TESTED_NAME, TestedStrand, type TestPorts } from './tested-strand.ts';
import { type Handled, runHandledState } from './work.ts';

/**
 * Runs one state by itself and tells what came of it, step by step (AWS: TestState). Task, Map and
 * Parallel may be mocked; Map and Parallel must be. A Wait takes no time. A Task without a mock calls
 * its resource through `ports.tasks`, for five minutes at most.
 * @throws TestStateRefused before anything ran: an invalid definition, a mock that does not fit, a
 * resource that nobody serves.
 */
export async function testState(
  request: TestStateRequest,
  ports: TestPorts,
): Promise<TestStateResult> {
  const { state, language } = testedDefinition(request.definition, request.stateName);
  checkMock(state, request.mock);
  if (state.Type === 'Task' && !request.mock)
    checkCallable(state, (resource) => ports.tasks.refuse(resource));
  const context: CompileContext = {
    ...{ type: 'EXPRESS', language, compileProgram },
    flows: new Map(),
    use: () => undefined,
  };
  const program = compileProgram(
    { StartAt: TESTED_NAME, States: { [TESTED_NAME]: state } },
    context,
  );
  const clock = state.Type === 'Wait' ? new VirtualClock({ now: ports.clock.now() }) : ports.clock;
  const strand = new TestedStrand(program, request, { ...ports, clock });
  const inspection = new Inspection(strand.input.value);
  const handled = HANDLED.has(String(state.Type))
    ? await runHandledState(state, context, strand, request, inspection)
    : await runPlainState(state, context, strand, inspection);
  return told(handled, request, inspection);
}

const HANDLED: ReadonlySet<string> = new Set(['Task', 'Map', 'Parallel']);

function told(
  handled: Handled,
  request: TestStateRequest,
  inspection: Inspection,
): TestStateResult {
  const result = resultOf(handled);
  if (request.inspectionLevel === undefined || request.inspectionLevel === 'INFO') return result;
  const left = 'left' in handled ? handled.left : handled;
  const assigned = 'output' in left ? (left.assigned?.values ?? {}) : {};
  const variables = assign(request.variables ?? {}, assigned);
  if (Object.keys(variables).length > 0) inspection.add({ variables: variables as Json });
  return { ...result, inspectionData: inspection.data };
}

function resultOf(handled: Handled): TestStateResult {
  if ('retried' in handled) return { status: 'RETRIABLE', ...failureDetails(handled.retried) };
  if ('caught' in handled)
    return {
      status: 'CAUGHT_ERROR',
      ...failureDetails(handled.caught),
      ...leftDetails(handled.left),
    };
  if ('failure' in handled) return { status: 'FAILED', ...failureDetails(handled.failure) };
  return { status: 'SUCCEEDED', ...leftDetails(handled) };
}

function leftDetails({ output, next }: Exclude<Left, { failure: unknown }>): object {
  return { output: output.value, ...(next !== undefined && { nextState: next }) };
}
