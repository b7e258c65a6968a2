import { compileNamed } from '../project.ts';
import type { Terminal } from '../terminal.ts';

/** `cloudgather show-asl <workflow>`: the document, exactly as it is run and deployed. */
export async function showAsl(name: string, terminal: Terminal): Promise<number> {
  terminal.out((await compileNamed(name)).definition);
  return 0;
}
