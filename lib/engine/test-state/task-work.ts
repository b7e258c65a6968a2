import type { JsonObject } from '../../json.ts';
import { compileDataFlow } from '../data-flow.ts';
import { compileNumber } from '../field.ts';
import { Payload } from '../payload.ts';
import type { CompileContext } from '../states/state.ts';
import { parseResource, type Resource, resultTooLarge } from '../task/resource.ts';
import { type TaskCall, TaskFailure } from '../task/task-port.ts';
import { shownExchange } from './http-trace.ts';
import type { Inspection } from './inspection.ts';
import { refused, type TestStateRequest } from './request.ts';
import { TESTED_NAME, type TestedStrand } from './tested-strand.ts';
import type { Worked } from './work.ts';

/** AWS: a test runs at most five minutes. */
const LONGEST = 300;

/** Does a Task's work: its mock's, or a real call. */
export async function taskWork(
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
  const work = await flow.work(strand, input);
  inspection.add(path ? { afterParameters: work.value } : { afterArguments: work.value });
  const { mock } = request;
  if (mock?.errorOutput) throw mockedFailure(mock.errorOutput);
  const result =
    mock?.result !== undefined
      ? Payload.ofValue(mock.result)
      : await call(definition, context, strand, input, work, traceOf(request, inspection));
  if (!result.fits) throw resultTooLarge(String(definition.Resource));
  inspection.add({ result: result.value });
  return { input, result };
}

/** The failure that a mock's errorOutput asks for. */
export function mockedFailure(output: {
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}): TaskFailure {
  return new TaskFailure(output.error ?? '', output.cause);
}

/** Says before the state runs whether its resource can be called without a mock. */
export function checkCallable(
  definition: JsonObject,
  refuse: (resource: string) => string | undefined,
): void {
  const arn = String(definition.Resource);
  const resource = resourceOf(arn);
  const waits = resource.kind === 'service' && resource.pattern !== 'request';
  if (resource.kind === 'activity' || waits)
    throw refused(
      `The resource '${arn}' is answered by somebody else: a mock must be specified to test it.`,
    );
  const reason = refuse(arn);
  if (reason !== undefined) throw refused(`The resource '${arn}' is not served here. ${reason}`);
}

function resourceOf(arn: string): Resource {
  return parseResource(arn) ?? { kind: 'lambda', arn };
}

async function call(
  definition: JsonObject,
  context: CompileContext,
  strand: TestedStrand,
  input: Payload,
  work: Payload,
  exchanged: TaskCall['exchanged'],
): Promise<Payload> {
  const { clock, tasks } = strand.execution.services;
  const timeout = await compileNumber(
    definition,
    'TimeoutSeconds',
    context.language,
  )?.(strand, input.value);
  const seconds = Math.min(timeout ?? LONGEST, LONGEST);
  const end = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = clock.setTimer(seconds * 1000, () => {
    late.reject(new TaskFailure('States.Timeout'));
    end.abort();
  });
  try {
    const deadline = clock.now() + seconds * 1000;
    const plain = taskCall(definition, strand, work, end.signal, deadline);
    const asked = exchanged ? { ...plain, exchanged } : plain;
    return Payload.ofText(await Promise.race([answer(() => tasks.run(asked)), late.promise]));
  } finally {
    timer.cancel();
  }
}

/** What a port throws beside TaskFailure is `States.TaskFailed`. */
async function answer(run: () => Promise<string> | string): Promise<string> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof TaskFailure) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new TaskFailure('States.TaskFailed', message);
  }
}

function taskCall(
  definition: JsonObject,
  strand: TestedStrand,
  work: Payload,
  signal: AbortSignal,
  deadline: number,
): TaskCall {
  const { identity, services } = strand.execution;
  return {
    resource: resourceOf(String(definition.Resource)),
    input: work.text,
    stateName: TESTED_NAME,
    executionArn: identity.executionArn,
    stateMachineArn: identity.stateMachineArn,
    roleArn: identity.roleArn,
    attempt: strand.retryCount + 1,
    deadline,
    taskToken: strand.taskToken,
    signal,
    heartbeat() {},
    submitted() {},
    sleep: (milliseconds) =>
      new Promise((resolve) => {
        services.clock.setTimer(milliseconds, resolve);
      }),
  };
}

/** At level TRACE: takes what an HTTP task sent and was answered. */
function traceOf(
  { inspectionLevel, revealSecrets = false }: TestStateRequest,
  inspection: Inspection,
): TaskCall['exchanged'] {
  if (inspectionLevel !== 'TRACE') return undefined;
  return (exchange) => inspection.add(shownExchange(exchange, revealSecrets));
}
