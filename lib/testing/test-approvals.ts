import type { Clock } from '../engine/clock/clock.ts';
import type { Engine } from '../engine/engine.ts';
import type { TaskCall } from '../engine/task/task-port.ts';
import { UsageError } from '../errors.ts';
import type { Json, JsonObject } from '../json.ts';
import { approvalRequest } from '../run/approval.ts';

/** How a test answers an approval; 'nobody': it is not answered. */
export type TestApproval =
  | 'nobody'
  | {
      readonly approved: boolean;
      readonly comment?: string;
      readonly by?: string;
      /** Seconds, on the clock, until the answer comes. Default: 0. */
      readonly after?: number;
    };

/** By the name of the approval's step. */
export type TestApprovals = Readonly<Record<string, TestApproval>>;

/** @throws UsageError where the document asks for an approval that the test does not give */
export function checkApprovals(definition: string, approvals: TestApprovals): void {
  for (const step of asked(JSON.parse(definition) as Json)) {
    if (Object.hasOwn(approvals, step)) continue;
    throw new UsageError(
      `The workflow asks for the approval '${step}', which the test does not give. Add it: { approvals: { '${step}': { approved: true } } }, or 'nobody' where nobody answers.`,
    );
  }
}

/** The names of the states that wait for a person, at any depth. */
function* asked(value: Json): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const each of value as readonly Json[]) yield* asked(each);
    return;
  }
  const { Resource, Arguments } = value as JsonObject;
  const { approval } = ((Arguments as JsonObject | undefined)?.Payload ?? {}) as JsonObject;
  if (String(Resource).endsWith(':lambda:invoke.waitForTaskToken') && approval) {
    yield String((approval as JsonObject).step);
  }
  for (const each of Object.values(value as JsonObject)) yield* asked(each);
}

/** Asks as the function of an approval does; the test's answer comes on the clock. */
export function askTest(
  call: TaskCall,
  approvals: TestApprovals,
  clock: Clock,
  engine: Engine,
): string {
  const details = { resource: 'invoke.waitForTaskToken', parameters: call.input };
  const { request, token } = approvalRequest(details) ?? neverAsked();
  const given = approvals[request.step] ?? 'nobody';
  if (given !== 'nobody') {
    const { approved, comment = null, by = 'test', after = 0 } = given;
    const output = JSON.stringify({ approved, comment, by, how: 'answered' });
    clock.setTimer(after * 1000, () => {
      if (engine.waitsFor(token)) engine.sendTaskSuccess(token, output);
    });
  }
  return JSON.stringify({ Payload: { id: request.step }, StatusCode: 200 });
}

function neverAsked(): never {
  throw new UsageError('A task waits for its token that no approval made: the test cannot answer.');
}
