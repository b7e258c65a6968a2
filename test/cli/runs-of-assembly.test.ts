import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainApp } from '../fixtures/plain-cdk-app/app.ts';
import { cloudgather, runsFolder, start } from './command-line.ts';

let assembly: string;

beforeAll(() => {
  assembly = path.join(mkdtempSync(path.join(tmpdir(), 'cloudgather-')), 'cdk.out');
  plainApp(assembly).synth();
}, 60_000);
afterAll(() => rmSync(path.dirname(assembly), { recursive: true, force: true }));

const machine = (name: string, ...more: string[]) => [
  'run',
  '--assembly',
  assembly,
  '--machine',
  name,
  ...more,
];

describe('cloudgather run --assembly', () => {
  it('runs a state machine of a CDK app that has never heard of it', async () => {
    const input = JSON.stringify({ id: 1, lines: [{ sku: 'apple', quantity: 3 }] });
    const { code, stdout } = await cloudgather(machine('Intake', '--json', '--input', input));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      workflow: 'Intake',
      status: 'SUCCEEDED',
      output: { name: 'order-1', sum: { total: 6 } },
    });
  });

  it('goes on with a killed run, without a second call of what had succeeded', async () => {
    const environment = { CLOUDGATHER_RUNS: runsFolder() };
    const input = JSON.stringify({ id: 2, lines: [{ sku: 'apple', quantity: 1 }] });
    const running = start(machine('Intake', '--id', 'cut', '--input', input), environment);
    // The function's first call fails, and is called again two seconds later.
    await running.see('stderr', /Look up: retrying/);
    running.child.kill('SIGKILL');
    await once(running.child, 'exit');
    expect((await cloudgather(['runs'], environment)).stdout).toMatch(
      /^cut {2}Intake {2}interrupted/,
    );
    const { code, stdout } = await cloudgather(['resume', 'cut', '--json'], environment);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'SUCCEEDED', output: { name: 'order-2' } });
  });

  it.each([
    [
      'no machine is named',
      ['run', '--assembly', 'HERE'],
      /Say which state machine with --machine\. .* has: Intake, /,
    ],
    [
      'there is no such machine',
      machine('Nobody').with(2, 'HERE'),
      /There is no state machine 'Nobody' in /,
    ],
    [
      'the folder is no assembly',
      ['run', '--assembly', 'docs', '--machine', 'x'],
      /There is no cloud assembly in docs/,
    ],
    [
      'a text is given',
      ['run', 'Intake', 'text', '--assembly', 'HERE'],
      /write its input as --input JSON/,
    ],
    [
      'its function is in Python',
      machine('Python').with(2, 'HERE'),
      /Its runtime is python3\.13; Node\.js functions are run here\./,
    ],
    ['nothing is named', ['run'], /Name a workflow .*--assembly cdk\.out --machine Name/],
  ])('rejects, with exit code 2, when %s', async (_title, args, message) => {
    const { code, stdout, stderr } = await cloudgather(
      args.map((arg) => (arg === 'HERE' ? assembly : arg)),
    );
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});
