import { loadAssembly } from '../local/assembly/assembly.ts';
import { createAssemblyRunner } from '../local/assembly/assembly-runner.ts';
import type { LocalRunner } from '../local/local-runner.ts';
import { loadEnvironmentFile } from './environment-file.ts';
import { printable } from './format.ts';
import { type OpenedRunner, runFolder } from './runner-choice.ts';
import type { Terminal } from './terminal.ts';

/** A runner over the state machines that `cdk synth` wrote into a folder. @throws UsageError */
export function openAssemblyRunner(
  folder: string,
  terminal: Terminal,
): OpenedRunner & { readonly runner: LocalRunner } {
  loadEnvironmentFile();
  const runner = createAssemblyRunner({
    assembly: loadAssembly(folder),
    folder: runFolder(),
    onLog({ function: name, text }) {
      terminal.err(`[${name}] ${printable(text)}\n`);
    },
  });
  return { runner, scripted: () => false };
}
