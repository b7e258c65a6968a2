import { UsageError } from '../../errors.ts';
import { loadAssembly, machineNamed } from '../../local/assembly/assembly.ts';
import { openAssemblyRunner } from '../assembly-choice.ts';
import { type FollowOptions, followToEnd } from '../follow.ts';
import { readRunInput } from '../run-input.ts';
import type { Terminal } from '../terminal.ts';

export interface RunMachineOptions extends FollowOptions {
  /** The folder of the cloud assembly: 'cdk.out'. */
  readonly assembly: string;
  readonly machine?: string;
  readonly input?: string;
  readonly id?: string;
}

/**
 * `cloudgather run --assembly cdk.out --machine Name`: runs a state machine of any synthesized CDK app
 * on this machine. Exit codes as `run` has them.
 */
export async function runMachine(options: RunMachineOptions, terminal: Terminal): Promise<number> {
  const { machine, input, id } = options;
  const assembly = loadAssembly(options.assembly);
  if (machine === undefined) {
    const names = assembly.machines.map(({ name }) => name).join(', ') || 'none';
    throw new UsageError(
      `Say which state machine with --machine. The assembly in ${options.assembly} has: ${names}.`,
    );
  }
  const { name } = machineNamed(assembly, machine);
  const value = await readRunInput(input === undefined ? {} : { input }, {});
  const opened = openAssemblyRunner(options.assembly, terminal);
  const start = id === undefined ? {} : { id };
  return followToEnd(opened, (runner) => runner.start(name, value, start), options, terminal);
}
