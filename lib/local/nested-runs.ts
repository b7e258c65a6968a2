import { parseResource } from '../engine/task/resource.ts';
import type { TaskCall, TaskPort } from '../engine/task/task-port.ts';
import type { JsonObject } from '../json.ts';
import type { Run } from '../run/run.ts';
import { executionArn, machineArn } from './execution-arn.ts';
import type { ServiceCall } from './integrations/integration.ts';
import { type ExecutionStarter, startExecution } from './integrations/start-execution.ts';

/** What a runner does for the runs that its runs start. */
export interface NestedRunner {
  /**
   * Starts a run of that id, or finds the one that there is: goes on with it where its process has
   * ended, joins it where it is open, and takes its end where it is closed.
   * @throws RunConflict where the one that there is has another input
   */
  begin(workflow: string, id: string, input: string): Promise<Run>;
  /** Resolves when the run is closed. */
  ended(workflow: string, id: string): Promise<Run>;
  stop(workflow: string, id: string): Promise<unknown>;
}

/** The tasks of a supply, and executions of the runner's own workflows. */
export function withNestedRuns(tasks: TaskPort, runner: NestedRunner): TaskPort {
  const integration = startExecution(starterOf(runner));
  return {
    refuse: (arn) => (isNested(arn) ? undefined : tasks.refuse(arn)),
    run: (call: TaskCall) =>
      isNested(call.resource.arn) ? integration.run(call as ServiceCall) : tasks.run(call),
  };
}

function isNested(arn: string): boolean {
  const resource = parseResource(arn);
  if (resource?.kind !== 'service' || resource.service !== 'states') return false;
  return resource.api === 'startExecution' && resource.pattern === 'sync:2';
}

function starterOf(runner: NestedRunner): ExecutionStarter {
  return {
    async start({ arn, name, input }) {
      const workflow = arn.split(':').at(-1) ?? '';
      const { id, startedAt } = await runner.begin(workflow, name ?? '', input);
      return {
        arn: executionArn(workflow, id),
        startDate: Date.parse(startedAt),
        ended: async () => described(await runner.ended(workflow, id)),
        // The runner may be closed by now, and has stopped the run then.
        stop: () => void runner.stop(workflow, id).catch(() => undefined),
      };
    },
  };
}

/** What DescribeExecution tells of a closed run, by the names that a task's result has. */
function described(run: Run): JsonObject {
  const { id, workflow, status, startedAt, input } = run;
  return {
    ExecutionArn: executionArn(workflow, id),
    StateMachineArn: machineArn(workflow),
    Name: id,
    Status: status,
    StartDate: Date.parse(startedAt),
    ...(run.status === 'RUNNING' ? {} : { StopDate: Date.parse(run.stoppedAt) }),
    Input: JSON.stringify(input),
    InputDetails: { Included: true },
    ...endOf(run),
  };
}

function endOf(run: Run): JsonObject {
  if (run.status === 'RUNNING') return {};
  if (run.status === 'SUCCEEDED') {
    return { Output: JSON.stringify(run.output), OutputDetails: { Included: true } };
  }
  return {
    ...(run.error === null ? {} : { Error: run.error }),
    ...(run.cause === null ? {} : { Cause: run.cause }),
  };
}
