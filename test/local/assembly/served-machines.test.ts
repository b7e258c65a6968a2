import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { loadAssembly, machineNamed } from '../../../lib/local/assembly/assembly.ts';
import { AssemblyFunctions } from '../../../lib/local/assembly/assembly-functions.ts';
import { serveMachines } from '../../../lib/local/assembly/served-machines.ts';
import { createEndpoint } from '../../../lib/local/endpoint/endpoint.ts';
import { nestedExecutions } from '../../../lib/local/endpoint/nested-executions.ts';
import { createIntegrations } from '../../../lib/local/integrations/integrations.ts';
import { plainApp } from '../../fixtures/plain-cdk-app/app.ts';

it('serves the machines of a plain CDK app by their own ARNs, and tells which it cannot', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cloudgather-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  plainApp(path.join(folder, 'cdk.out')).synth();
  const assembly = loadAssembly(path.join(folder, 'cdk.out'));
  const functions = new AssemblyFunctions(assembly, { folder, environment: {} });
  onTestFinished(() => functions.close());
  const { service, close } = createEndpoint({
    tasks: (service) =>
      createIntegrations({
        functions,
        executions: nestedExecutions(() => service),
        environment: {},
      }),
  });
  onTestFinished(close);

  const unserved = await serveMachines(assembly, functions, service);
  expect(unserved.map(({ name }) => name).sort()).toEqual(['Docker', 'Python']);
  expect(unserved.find(({ name }) => name === 'Python')?.reason).toMatch(
    /Its runtime is python3\.13/,
  );

  // A store may have a machine from an earlier process, with another definition.
  const starter = machineNamed(assembly, 'Starter');
  const older = {
    ...starter,
    definition: '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}',
  };
  const before = { ...assembly, machines: [older], activities: [] };
  expect(await serveMachines(before, functions, service)).toEqual([]);
  const { revision } = service.machines.find(starter.arn);
  expect(service.store.revisions.get(revision)?.definition).toBe(older.definition);
  expect(await serveMachines(assembly, functions, service)).toHaveLength(2);

  // One machine starts another of another stack, which calls functions of a third.
  const input = JSON.stringify({ Input: { id: 5, lines: [{ sku: 'pear', quantity: 1 }] } });
  const { arn } = service.executions.start({ arn: machineNamed(assembly, 'Starter').arn, input });
  expect(arn).toMatch(/^arn:aws:states:eu-west-1:111122223333:execution:Starter:/);
  await service.executions.running.get(arn)?.done;
  const { status, output, error, cause } = service.executions.find(arn);
  expect([status, error, cause]).toEqual(['SUCCEEDED', undefined, undefined]);
  expect(JSON.parse(output ?? '')).toMatchObject({
    Status: 'SUCCEEDED',
    StateMachineArn: machineNamed(assembly, 'Intake').arn,
    Output: { name: 'order-5', sum: { total: 3 } },
  });
}, 60_000);
