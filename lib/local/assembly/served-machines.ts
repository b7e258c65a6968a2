import type { JsonObject } from '../../json.ts';
import type { Place } from '../endpoint/arn.ts';
import { createActivity } from '../endpoint/operation/create-activity.ts';
import { createStateMachine } from '../endpoint/operation/create-state-machine.ts';
import { updateStateMachine } from '../endpoint/operation/update-state-machine.ts';
import type { Service } from '../endpoint/service.ts';
import { ServiceError } from '../endpoint/service-error.ts';
import type { Assembly } from './assembly.ts';
import type { AssemblyFunctions } from './assembly-functions.ts';
import type { AssemblyMachine } from './state-machine.ts';

/** A machine of an assembly that an endpoint cannot serve. */
export interface Unserved {
  readonly name: string;
  /** A full sentence. */
  readonly reason: string;
}

/**
 * Puts the state machines and activities of an assembly into an endpoint, each under the ARN that the
 * assembly's own definitions and environments name it by. What cannot be served is left out and given
 * back with its reason: whoever starts it is told that it does not exist.
 *
 * `functions` must be what serves the endpoint's Lambda tasks.
 */
export async function serveMachines(
  assembly: Assembly,
  functions: AssemblyFunctions,
  service: Service,
): Promise<readonly Unserved[]> {
  for (const arn of assembly.activities) {
    await createActivity({ name: arn.split(':').at(-1) ?? '' }, service, contextOf(arn));
  }
  const unserved: Unserved[] = [];
  for (const machine of assembly.machines) {
    const reason = refusalOf(machine, functions) ?? (await create(machine, service));
    if (reason !== undefined) unserved.push({ name: machine.name, reason });
  }
  return unserved;
}

function refusalOf(machine: AssemblyMachine, functions: AssemblyFunctions): string | undefined {
  if (machine.refusal !== undefined) return machine.refusal;
  return machine.functions.map((name) => functions.refuse(name)).find((why) => why !== undefined);
}

async function create(machine: AssemblyMachine, service: Service): Promise<string | undefined> {
  const { name, definition, type, arn } = machine;
  const body: JsonObject = { name, definition, type, roleArn: roleOf(arn, name) };
  try {
    await createStateMachine(body, service, contextOf(arn));
    return undefined;
  } catch (error) {
    if (error instanceof ServiceError && error.name === 'StateMachineAlreadyExists') {
      return update(machine, service);
    }
    if (error instanceof ServiceError) return `${error.name}: ${error.message}`;
    throw error;
  }
}

/** A store has it from an earlier process, with another definition. */
async function update(machine: AssemblyMachine, service: Service): Promise<string | undefined> {
  const { name, definition, arn } = machine;
  const body: JsonObject = { stateMachineArn: arn, definition, roleArn: roleOf(arn, name) };
  try {
    await updateStateMachine(body, service, contextOf(arn));
    return undefined;
  } catch (error) {
    if (error instanceof ServiceError) return `${error.name}: ${error.message}`;
    throw error;
  }
}

function contextOf(arn: string): { readonly place: Place; readonly signal: AbortSignal } {
  const [, , , region = '', account = ''] = arn.split(':');
  return { place: { region, account }, signal: new AbortController().signal };
}

function roleOf(arn: string, name: string): string {
  return `arn:aws:iam::${arn.split(':')[4]}:role/${name}`;
}
