import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Json } from '../../../lib/json.ts';
import { type Assembly, loadAssembly, machineNamed } from '../../../lib/local/assembly/assembly.ts';
import { createAssemblyRunner } from '../../../lib/local/assembly/assembly-runner.ts';
import type { Run } from '../../../lib/run/run.ts';
import { plainApp } from '../../fixtures/plain-cdk-app/app.ts';

let folder: string;
let assembly: Assembly;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'cloudgather-'));
  plainApp(path.join(folder, 'cdk.out')).synth();
  assembly = loadAssembly(path.join(folder, 'cdk.out'));
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a machine of the plain app to its end. */
async function run(machine: string, input: Json): Promise<Run> {
  const runner = createAssemblyRunner({
    assembly,
    folder: path.join(folder, 'runs'),
    environment: {},
  });
  onTestFinished(() => runner.close());
  const { workflow, id } = await runner.start(machineNamed(assembly, machine).name, input);
  for await (const _ of runner.events(workflow, id));
  return runner.get(workflow, id);
}

describe('a plain CDK app, as it was synthesized', () => {
  it('shows its machines by the names that it gave them, or those of their constructs', () => {
    expect(
      assembly.machines
        .map(({ name, stack, type, refusal }) => [name, stack, type, refusal])
        .sort(),
    ).toEqual([
      ['Docker', 'Orders', 'STANDARD', undefined],
      ['Intake', 'Orders', 'STANDARD', undefined],
      ['Pointer', 'Elsewhere', 'STANDARD', undefined],
      ['Python', 'Orders', 'STANDARD', undefined],
      ['Refund', expect.stringMatching(/^Orders-Returns/), 'STANDARD', undefined],
      ['Starter', 'Elsewhere', 'STANDARD', undefined],
      ['greeting', 'Orders', 'EXPRESS', undefined],
    ]);
    const intake = machineNamed(assembly, 'Intake');
    expect(machineNamed(assembly, intake.logicalId)).toBe(intake);
    expect(intake.arn).toBe('arn:aws:states:us-east-1:000000000000:stateMachine:Intake');
    expect(intake.definition).not.toMatch(/Fn::|"Ref"|undefined|\$\{/);
    expect(intake.functions).toEqual([
      expect.stringMatching(
        /^arn:aws:lambda:us-east-1:000000000000:function:Warehouse-Look\w+:live$/,
      ),
      'arn:aws:lambda:us-east-1:000000000000:function:total-of-orders',
    ]);
  });

  it('runs JSONPath, Map, Choice, CustomState and LambdaInvoke with its hidden Retry', async () => {
    const ended = await run('Intake', {
      id: 7,
      lines: [
        { sku: 'apple', quantity: 2 },
        { sku: 'pear', quantity: 1 },
      ],
    });
    expect(ended).toMatchObject({ status: 'SUCCEEDED' });
    const { output } = ended as unknown as {
      output: { lines: { table: string; function: string }[] };
    };
    expect(output).toMatchObject({
      name: 'order-7',
      sum: { total: 7, limit: 10 },
      lines: [
        { sku: 'apple', cost: 4, region: 'us-east-1' },
        { sku: 'pear', cost: 3 },
      ],
    });
    expect(output.lines[0]?.table).toMatch(/^Warehouse-Stock/);
    expect(output.lines[0]?.function).toMatch(/^Warehouse-Look/);
    // The first call fails with Lambda.ServiceException, which LambdaInvoke retries by itself.
    const looks = ended.steps.filter(({ name }) => name === 'Look up');
    expect(looks.map(({ attempts }) => attempts).sort()).toEqual([1, 2]);
  });

  it('fails where the app says so', async () => {
    const lines = [{ sku: 'pear', quantity: 40 }];
    expect(await run('Intake', { id: 8, lines })).toMatchObject({
      status: 'FAILED',
      error: 'OverLimit',
      cause: 'The order is too large.',
    });
  });

  it('takes a definition from an asset and replaces what it is told to, and nothing else', async () => {
    expect(await run('greeting', { name: 'Ada' })).toMatchObject({
      status: 'SUCCEEDED',
      output: { greeting: 'Hello aws, Ada!', untouched: '${Other}' },
    });
  });

  it('runs inline code, parameters, conditions, and machines of nested stacks', async () => {
    expect(await run('Refund', { lines: [{ cost: 2 }, { cost: 5 }] })).toMatchObject({
      status: 'SUCCEEDED',
      output: { total: 7, limit: 10, place: 'us-east-1', home: 'home' },
    });
  });

  it('gives what one stack exports to another, each in its own account and region', async () => {
    expect(await run('Pointer', {})).toMatchObject({
      output: {
        arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:Intake',
        here: 'eu-west-1',
      },
    });
    expect(machineNamed(assembly, 'Pointer').arn).toMatch(
      /^arn:aws:states:eu-west-1:111122223333:/,
    );
  });

  it('rejects machines whose functions are in Python or an image, by name and with the reason', async () => {
    await expect(run('Python', {})).rejects.toThrow(
      /^The function Orders-Snake\w+ \(Snake\w+ in Orders\) cannot be run here\. Its runtime is python3\.13; Node\.js functions are run here\.$/,
    );
    await expect(run('Docker', {})).rejects.toThrow(
      /^The function Orders-Container\w+ .*cannot be run here\. Its code is a Docker image\.$/,
    );
  });

  it('rejects a machine that takes an endpoint to run, before anything has run', async () => {
    await expect(run('Starter', {})).rejects.toThrow(
      /^The state 'Start another' uses the resource 'arn:aws:states:::states:startExecution\.sync:2', which is not served here\. No state machine is started by another one here\. Run it behind 'cloudgather serve'/,
    );
  });

  it('rejects a machine that is not there, and a folder that is no assembly', () => {
    expect(() => machineNamed(assembly, 'Nobody')).toThrow(
      /There is no state machine 'Nobody' in .*Its state machines are: .*Intake/,
    );
    expect(() => loadAssembly(folder)).toThrow(/There is no cloud assembly in .*manifest\.json/);
  });

  it('leaves the assembly as it was', () => {
    const asset = assembly.functions.find(({ name }) => name.startsWith('Warehouse-Look'))?.code;
    const source = asset?.source as { folder: string };
    expect(existsSync(path.join(source.folder, 'package.json'))).toBe(false);
  });
});
