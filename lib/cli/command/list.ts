import { compileProject } from '../project.ts';
import type { Terminal } from '../terminal.ts';

/** `cloudgather list`: the workflows that can be run, with what they say of themselves. */
export async function list(
  options: { readonly json?: boolean },
  terminal: Terminal,
): Promise<number> {
  const workflows = await compileProject();
  if (options.json) {
    const infos = workflows.map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema,
    }));
    terminal.out(`${JSON.stringify(infos, null, 2)}\n`);
    return 0;
  }
  const width = Math.max(0, ...workflows.map(({ name }) => name.length));
  for (const { name, description } of workflows) {
    terminal.out(`${name.padEnd(width)}  ${description ?? ''}`.trimEnd().concat('\n'));
  }
  return 0;
}
