import type { Engine } from '../engine/engine.ts';
import type { Execution } from '../engine/execution.ts';
import type { Machine } from '../engine/machine.ts';
import type { TaskCall, TaskPort } from '../engine/task/task-port.ts';
import type { JsonObject } from '../json.ts';
import type { ServiceCall } from '../local/integrations/integration.ts';
import { startExecution } from '../local/integrations/start-execution.ts';

export interface NestedExecutions extends TaskPort {
  /** In the order in which they were started. */
  readonly executions: readonly Execution[];
}

/** The tasks of a run in one process, and executions of other machines on the same engine and clock. */
export function withExecutions(
  tasks: TaskPort,
  engine: () => Engine,
  machines: ReadonlyMap<string, Machine>,
): NestedExecutions {
  const started = new Map<string, Execution>();
  const integration = startExecution({
    start({ arn, name = '', input }) {
      const machine = machines.get(arn);
      if (!machine) throw named('StateMachineDoesNotExist', `There is no state machine ${arn}.`);
      const executionArn = `${arn.replace(':stateMachine:', ':execution:')}:${name}`;
      if (started.has(executionArn)) {
        throw named('ExecutionAlreadyExists', `There is an execution ${executionArn} already.`);
      }
      const execution = engine().start(machine, {
        ...{ name, input, executionArn, stateMachineArn: arn },
      });
      started.set(executionArn, execution);
      return {
        arn: executionArn,
        startDate: execution.identity.startTime,
        ended: () => described(execution, input),
        stop: () => execution.stop(),
      };
    },
  });
  return {
    get executions() {
      return [...started.values()];
    },
    refuse: (arn) => tasks.refuse(arn),
    run: (call: TaskCall) =>
      call.resource.kind === 'service' && call.resource.service === 'states'
        ? integration.run(call as ServiceCall)
        : tasks.run(call),
  };
}

async function described({ identity, done }: Execution, input: string): Promise<JsonObject> {
  const outcome = await done;
  const { error, cause } = { error: undefined, cause: undefined, ...outcome };
  return {
    ExecutionArn: identity.executionArn,
    StateMachineArn: identity.stateMachineArn,
    Name: identity.name,
    Status: outcome.status,
    StartDate: identity.startTime,
    Input: input,
    ...(outcome.status === 'SUCCEEDED' && { Output: outcome.output }),
    ...(error !== undefined && { Error: error }),
    ...(cause !== undefined && { Cause: cause }),
  };
}

function named(name: string, message: string): Error {
  return Object.assign(new Error(message), { name });
}
