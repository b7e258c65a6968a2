import { existsSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../../errors.ts';
import { type AssemblyFunction, readFunction } from './lambda-function.ts';
import { type Place, readManifest } from './manifest.ts';
import { Stack } from './stack.ts';
import { type AssemblyMachine, readMachine } from './state-machine.ts';
import type { Resource } from './template.ts';
import { attempt, Unresolved } from './unresolved.ts';

/** What of a synthesized CDK app can be run on this machine. */
export interface Assembly {
  readonly folder: string;
  readonly machines: readonly AssemblyMachine[];
  /** Those that cannot be run too, each with its reason. */
  readonly functions: readonly AssemblyFunction[];
  /** The ARNs of its activities. */
  readonly activities: readonly string[];
}

/**
 * Reads a cloud assembly, the folder that `cdk synth` writes: the state machines and Lambda functions
 * of all its stacks, stages and nested stacks, with the intrinsic functions of the templates resolved.
 *
 * What only a deployment knows (an attribute of a custom resource, a parameter without a default) is
 * no error until a machine that needs it is started: the machine or function carries its `refusal`.
 *
 * @param place The account and region of stacks that name none. Default: 000000000000, us-east-1.
 * @throws UsageError when the folder is no cloud assembly
 */
export function loadAssembly(
  folder: string,
  place: Place = { account: '000000000000', region: 'us-east-1' },
): Assembly {
  if (!existsSync(path.join(folder, 'manifest.json'))) {
    throw new UsageError(
      `There is no cloud assembly in ${folder}: it has no manifest.json. Name the folder that 'cdk synth' wrote, usually cdk.out.`,
    );
  }
  const stacks = readStacks(folder, place);
  const functions = stacks.flatMap((stack) =>
    stack
      .resources('AWS::Lambda::Function')
      .map(([id, resource]) => readFunction(stack, id, resource)),
  );
  const machines = stacks.flatMap((stack) =>
    stack
      .resources('AWS::StepFunctions::StateMachine')
      .map(([id, resource]) => readMachine(stack, id, resource)),
  );
  const activities = stacks.flatMap((stack) =>
    stack.resources('AWS::StepFunctions::Activity').flatMap(([id]) => {
      const arn = attempt(() => String(stack.ref(id)));
      return 'value' in arn ? [arn.value] : [];
    }),
  );
  return { folder, machines, functions, activities };
}

function readStacks(folder: string, place: Place): Stack[] {
  const stacks: Stack[] = [];
  const exports = (name: string) => {
    for (const stack of stacks) {
      const found = attempt(() => stack.exported(name));
      if ('value' in found && found.value !== undefined) return found.value;
    }
    throw new Unresolved(`No stack of the assembly exports ${name}.`);
  };
  stacks.push(...readManifest(folder, place).map((artifact) => new Stack(artifact, exports)));
  stacks.push(...stacks.flatMap((stack) => stack.nested()));
  nameMachines(stacks);
  return stacks;
}

/**
 * A machine without a name of its own gets that of its construct: 'Orders' for OrdersE1A2B3C4. Where
 * two constructs have one name, the stack's name is put before it.
 */
function nameMachines(stacks: readonly Stack[]): void {
  const machines = stacks.flatMap((stack) =>
    stack
      .resources('AWS::StepFunctions::StateMachine')
      .filter(([, { Properties }]) => Properties?.StateMachineName === undefined)
      .map(([id, resource]) => ({ stack, id, name: constructName(id, resource) })),
  );
  for (const { stack, id, name } of machines) {
    const alone = machines.filter((other) => other.name === name).length === 1;
    stack.name(id, alone ? name : `${stack.stackName}-${id}`);
  }
}

/** The CDK ends a logical id with eight hex digits of its path, and names the path where it may. */
function constructName(logicalId: string, { Metadata }: Resource): string {
  const fromPath = String(Metadata?.['aws:cdk:path'] ?? '')
    .split('/')
    .at(-2);
  return fromPath && /^[\w-]+$/.test(fromPath) ? fromPath : logicalId.replace(/[0-9A-F]{8}$/, '');
}

/**
 * The machine that a person means: by its name, its logical id, or the construct's name.
 * @throws UsageError naming those that there are
 */
export function machineNamed({ machines, folder }: Assembly, name: string): AssemblyMachine {
  const found =
    machines.find((machine) => machine.name === name) ??
    machines.find((machine) => machine.logicalId === name) ??
    machines.find((machine) => machine.logicalId.replace(/[0-9A-F]{8}$/, '') === name);
  if (found) return found;
  const names = machines.map((machine) => machine.name).join(', ');
  throw new UsageError(
    `There is no state machine '${name}' in ${folder}. ${names ? `Its state machines are: ${names}.` : 'It has none.'}`,
  );
}
