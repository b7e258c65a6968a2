import type { CompiledWorkflow } from '../asl/compiled.ts';
import { createLocalRunner, type LocalRunner } from '../local/local-runner.ts';
import type { Runner } from '../run/runner.ts';
import { approvalNotice } from './approval-notice.ts';
import type { CloudChoice } from './cloud-choice.ts';
import { loadEnvironmentFile } from './environment-file.ts';
import { printable } from './format.ts';
import type { Terminal } from './terminal.ts';

/** Which of the two worlds a command works in. */
export interface RunnerChoice extends CloudChoice {
  /** The deployed workflows instead of this machine. */
  readonly aws?: boolean;
}

export interface OpenedRunner {
  readonly runner: Runner;
  /** Whether answers came from the stand-in. */
  scripted(): boolean;
}

/** @throws UsageError */
export async function openRunner(
  workflows: readonly CompiledWorkflow[],
  choice: RunnerChoice,
  terminal: Terminal,
): Promise<OpenedRunner> {
  if (choice.aws) {
    const { openCloudRunner } = await import('./cloud-choice.ts');
    return { runner: await openCloudRunner(workflows, choice), scripted: () => false };
  }
  return openLocalRunner(workflows, terminal);
}

/** The folder that keeps the runs of this project: `.cloudgather`, or what CLOUDGATHER_RUNS says. */
export function runFolder(): string {
  return process.env.CLOUDGATHER_RUNS || '.cloudgather';
}

/** @throws UsageError */
export function openLocalRunner(
  workflows: readonly CompiledWorkflow[],
  terminal: Terminal,
): OpenedRunner & { readonly runner: LocalRunner } {
  loadEnvironmentFile();
  let scripted = false;
  const runner = createLocalRunner({
    workflows,
    folder: runFolder(),
    onStandIn(providers) {
      scripted = true;
      terminal.err(`${standInNotice(providers)}\n`);
    },
    onApproval(notice) {
      terminal.err(approvalNotice(notice));
    },
    onLog({ function: name, text }) {
      terminal.err(`[${name}] ${printable(text)}\n`);
    },
  });
  return { runner, scripted: () => scripted };
}

function standInNotice(providers: readonly { title: string; keyVariable: string }[]): string {
  const titles = providers.map(({ title }) => title).join(', ');
  const variables = providers.map(({ keyVariable }) => keyVariable).join(', ');
  return (
    `No key is set for ${titles}: the answers are scripted by a stand-in on this machine, no model is running. ` +
    `Set ${variables} to ask real models.`
  );
}
