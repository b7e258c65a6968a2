import { serveApi } from '../../api/serve.ts';
import { onInterrupt } from '../interrupt.ts';
import { compileProject } from '../project.ts';
import { openRunner } from '../runner-choice.ts';
import type { Terminal } from '../terminal.ts';

export interface DevOptions {
  /** 0 takes a free one. */
  readonly port: number;
}

/** `cloudgather dev`: the HTTP API over all workflows, on this machine only, until Ctrl-C. */
export async function dev(options: DevOptions, terminal: Terminal): Promise<number> {
  const { runner } = await openRunner(await compileProject(), {}, terminal);
  try {
    const server = await serveApi(runner, { port: options.port });
    terminal.out(`${server.url}\n`);
    await new Promise<void>((resolve) => {
      onInterrupt(async () => resolve());
    });
    await server.close();
    return 0;
  } finally {
    await runner.close();
  }
}
