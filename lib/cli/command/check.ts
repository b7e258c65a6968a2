import { checkWorkflows } from '../../check/check.ts';
import { findingLine } from '../../check/findings.ts';
import { workflowsFolder } from '../project.ts';
import type { Terminal } from '../terminal.ts';

/**
 * `cloudgather check [workflow...]`: what is wrong with the workflows, one finding a line, as compilers
 * say it. Exit codes: 0 nothing, 1 something, 2 (thrown) it was used wrongly.
 */
export async function check(
  names: readonly string[],
  options: { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const { workflows, findings, unreached } = await checkWorkflows(workflowsFolder, names);
  if (options.json) {
    const checked = { workflows: workflows.map(({ name }) => name), findings, unreached };
    terminal.out(`${JSON.stringify(checked, null, 2)}\n`);
    return findings.length > 0 ? 1 : 0;
  }
  for (const finding of findings) terminal.out(`${findingLine(finding)}\n`);
  if (unreached.length > 0) {
    const where = unreached.map(({ file, line, column }) => `${file}:${line}:${column}`).join(', ');
    terminal.err(`Not looked at, since tracing did not come by: ${where}\n`);
  }
  const found = findings.length === 1 ? '1 finding' : `${findings.length || 'no'} findings`;
  terminal.err(
    `${workflows.length} workflow${workflows.length === 1 ? '' : 's'} compiled, ${found}.\n`,
  );
  return findings.length > 0 ? 1 : 0;
}
