import { parseResource } from '../../engine/task/resource.ts';
import { createIntegrations } from '../integrations/integrations.ts';
import { s3Objects } from '../integrations/s3-objects.ts';
import { EmbeddedRunner, type LocalRunner } from '../local-runner.ts';
import type { Runnable } from '../runnable.ts';
import type { Assembly } from './assembly.ts';
import { AssemblyFunctions, type AssemblyFunctionsOptions } from './assembly-functions.ts';
import type { AssemblyMachine } from './state-machine.ts';

export interface AssemblyRunnerOptions extends AssemblyFunctionsOptions {
  readonly assembly: Assembly;
}

/**
 * Runs the state machines of any synthesized CDK app on this machine: Node functions in worker
 * threads, HTTP tasks as they are, AWS services against configured endpoints. A machine is a workflow
 * by its name, and takes any input. What cannot be run is refused, by name and with the reason, when
 * a machine that needs it is started.
 * @throws UsageError
 */
export function createAssemblyRunner(options: AssemblyRunnerOptions): LocalRunner {
  const { assembly, folder = '.cloudgather', environment = process.env } = options;
  const functions = new AssemblyFunctions(assembly, options);
  const tasks = createIntegrations({ functions, environment });
  const supply = {
    tasks: { ...tasks, refuse: (arn: string) => refuseWithoutEndpoint(arn) ?? tasks.refuse(arn) },
    objects: s3Objects(environment),
    prepare: (runnable: Runnable) => functions.prepare(runnable.functions),
    close: () => functions.close(),
  };
  const runnables = assembly.machines.map((machine) => runnableMachine(machine, assembly));
  return new EmbeddedRunner(runnables, supply, folder);
}

/** What needs Step Functions' own protocol around it, which `cloudgather serve` speaks. */
function refuseWithoutEndpoint(arn: string): string | undefined {
  const resource = parseResource(arn);
  if (resource?.kind === 'activity')
    return `No worker can ask for an activity's task here. ${serve}`;
  if (resource?.kind !== 'service') return undefined;
  if (resource.pattern === 'waitForTaskToken') return `No task token can come back here. ${serve}`;
  return resource.service === 'states'
    ? `No state machine is started by another one here. ${serve}`
    : undefined;
}

const serve = "Run it behind 'cloudgather serve', which speaks Step Functions' protocol.";

function runnableMachine(machine: AssemblyMachine, { folder }: Assembly): Runnable {
  const { name, definition, definitionHash, type, functions, refusal } = machine;
  return {
    name,
    description: null,
    inputSchema: {},
    definition,
    type,
    functions,
    refusal,
    program: { assembly: { folder, machine: name, definition, definitionHash } },
  };
}
