import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CompiledWorkflow } from '../../lib/asl/compiled.ts';
import { createLocalRunner } from '../../lib/local/local-runner.ts';
import { contractMachines } from '../contract/machines.ts';
import { runnerContract } from '../contract/runner.contract.ts';

const workflows = contractMachines.map((machine): CompiledWorkflow => {
  const definitionHash = createHash('sha256').update(machine.definition).digest('hex');
  return { ...machine, definitionHash, functions: [] };
});

runnerContract('LocalRunner', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cloudgather-'));
  const runner = createLocalRunner({ workflows, folder });
  const teardown = async (): Promise<void> => {
    await runner.close();
    rmSync(folder, { recursive: true });
  };
  return { runner, teardown };
});
