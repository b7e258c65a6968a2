import { createHash } from 'node:crypto';
import type { CompiledWorkflow } from '../../lib/asl/compiled.ts';
import { createLocalRunner } from '../../lib/local/local-runner.ts';
import { contractMachines } from '../contract/machines.ts';
import { runnerContract } from '../contract/runner.contract.ts';

const workflows = contractMachines.map((machine): CompiledWorkflow => {
  const definitionHash = createHash('sha256').update(machine.definition).digest('hex');
  return { ...machine, definitionHash, functions: [] };
});

runnerContract('LocalRunner', async () => {
  const runner = createLocalRunner({ workflows });
  return { runner, teardown: () => runner.close() };
});
