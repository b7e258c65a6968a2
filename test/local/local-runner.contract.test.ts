import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CompiledWorkflow } from '../../lib/asl/compiled.ts';
import { EmbeddedRunner } from '../../lib/local/local-runner.ts';
import { payloadFolder } from '../../lib/local/run-payloads.ts';
import { runnableWorkflow, WorkflowFunctions } from '../../lib/local/workflow-functions.ts';
import type { Piece } from '../../lib/model/stream/piece.ts';
import { folderStore } from '../../lib/payload/folder-store.ts';
import { contractMachines } from '../contract/machines.ts';
import { runnerContract } from '../contract/runner.contract.ts';

const workflows = contractMachines.map((machine): CompiledWorkflow => {
  const definitionHash = createHash('sha256').update(machine.definition).digest('hex');
  return { ...machine, definitionHash, functions: [] };
});

/** What the runner hears of functions, which the machines of the suite have none of. */
class ToldFunctions extends WorkflowFunctions {
  hear: (piece: Piece) => void = () => {};

  override tellTo(hear: (piece: Piece) => void): void {
    this.hear = hear;
  }
}

runnerContract('LocalRunner', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cloudgather-'));
  const supply = new ToldFunctions(workflows, { folder });
  const runner = new EmbeddedRunner(workflows.map(runnableWorkflow), supply, folder);
  const teardown = async (): Promise<void> => {
    await runner.close();
    rmSync(folder, { recursive: true });
  };
  const payloads = folderStore(payloadFolder(folder));
  return { runner, tell: async (piece) => supply.hear(piece), payloads, teardown };
});
