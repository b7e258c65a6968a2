import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  DescribeExecutionCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, it, onTestFinished } from 'vitest';
import { plainApp } from '../fixtures/plain-cdk-app/app.ts';
import { cloudgather, start } from './command-line.ts';

it('serves any CDK app to the AWS SDK: its machines by their ARNs, its functions in this process', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cloudgather-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const assembly = path.join(folder, 'cdk.out');
  plainApp(assembly).synth();
  const serving = start(['serve', '--port', '0', '--assembly', assembly]);
  const [endpoint = ''] = await serving.see('stdout', /http:\/\/\S+/);
  await serving.see('stderr', /The state machine Python is not served: .*python3\.13/);

  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
  const client = new SFNClient({ endpoint, region: 'eu-west-1', credentials });
  const { stateMachines = [] } = await client.send(new ListStateMachinesCommand({}));
  const starter = stateMachines.find(({ name }) => name === 'Starter');
  const input = JSON.stringify({ Input: { id: 5, lines: [{ sku: 'pear', quantity: 1 }] } });
  const { executionArn } = await client.send(
    new StartExecutionCommand({ stateMachineArn: starter?.stateMachineArn, input }),
  );
  const describe = () => client.send(new DescribeExecutionCommand({ executionArn }));
  while ((await describe()).status === 'RUNNING') await new Promise((r) => setTimeout(r, 20));
  const { status, output } = await describe();
  expect(status).toBe('SUCCEEDED');
  expect(JSON.parse(output ?? '')).toMatchObject({
    Output: { name: 'order-5', sum: { total: 3 } },
  });

  serving.child.kill('SIGINT');
  expect((await serving.ended).code).toBe(0);
}, 60_000);

it('rejects a folder that is no assembly, and two sources of functions', async () => {
  const missing = await cloudgather(['serve', '--port', '0', '--assembly', 'no-such-folder']);
  expect(missing).toMatchObject({ code: 2, stdout: '' });
  expect(missing.stderr).toContain('no-such-folder');
  const both = ['--assembly', 'cdk.out', '--lambda-endpoint', 'http://127.0.0.1:3001'];
  const { code, stderr } = await cloudgather(['serve', '--port', '0', ...both]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/gives both --assembly and --lambda-endpoint/);
});
