import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { CompiledWorkflow } from '../../lib/asl/compiled.ts';
import type { Json } from '../../lib/json.ts';
import { createLocalRunner, type LocalRunner } from '../../lib/local/local-runner.ts';
import type { Run } from '../../lib/run/run.ts';
import { type CountingServer, startCountingServer } from './crash/counting-server.ts';
import { temporaryFolder } from './store/temporary-folder.ts';

const Key = { id: { S: '{% $states.context.Execution.Id %}' } };

/** Counts itself in a row, calls a function that fails once, and reads the row. */
function counting(): CompiledWorkflow {
  const definition = JSON.stringify({
    QueryLanguage: 'JSONata',
    StartAt: 'Count',
    States: {
      Count: {
        Type: 'Task',
        Resource: 'arn:aws:states:::dynamodb:updateItem',
        Arguments: {
          TableName: '${RunTable}',
          Key,
          UpdateExpression: 'ADD done :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
        },
        Next: 'Flaky',
      },
      Flaky: {
        Type: 'Task',
        Resource: '${Counted}',
        Arguments: {
          url: '{% $states.context.Execution.Input.url %}',
          step: '{% $states.context.Execution.Input.step %}',
        },
        Next: 'Read',
      },
      Read: {
        Type: 'Task',
        Resource: 'arn:aws:states:::dynamodb:getItem',
        Arguments: { TableName: '${RunTable}', Key },
        Output: '{% $states.result.Item.done.N %}',
        End: true,
      },
    },
  });
  return {
    name: 'counting',
    description: null,
    definition,
    definitionHash: createHash('sha256').update(definition).digest('hex'),
    functions: [
      {
        kind: 'task',
        placeholder: 'Counted',
        name: 'task-counted',
        entry: 'test/fixtures/functions/counted.ts',
        handler: 'handler',
        timeoutSeconds: 10,
      },
    ],
    resources: [{ kind: 'table', placeholder: 'RunTable', actions: ['GetItem', 'UpdateItem'] }],
    inputSchema: {},
  };
}

function open(folder: string, workflow = counting()): LocalRunner {
  const runner = createLocalRunner({ workflows: [workflow], folder, environment: {} });
  onTestFinished(() => runner.close());
  return runner;
}

async function server(): Promise<CountingServer> {
  const counted = await startCountingServer();
  onTestFinished(() => counted.close());
  return counted;
}

async function ended(runner: LocalRunner, { workflow, id }: Run): Promise<Run> {
  for await (const _ of runner.events(workflow, id));
  return runner.get(workflow, id);
}

describe('the run table on this machine', () => {
  it('is there for the states that name it', async () => {
    const { url } = await server();
    const runner = open(temporaryFolder());
    const run = await ended(runner, await runner.start('counting', { url, step: 'quick' }));
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: '1' });
  });

  it('has the rows of a run that another process redrives', async () => {
    const counted = await server();
    const folder = temporaryFolder();
    const first = open(folder);
    const input: Json = { url: counted.url, step: 'flaky' };
    const failed = await ended(first, await first.start('counting', input));
    expect(failed.status).toBe('FAILED');
    await first.close();

    const second = open(folder);
    const run = await ended(second, await second.redrive('counting', failed.id));
    expect(run).toMatchObject({ status: 'SUCCEEDED', output: '1' });
  });

  it('refuses a service that no workflow calls, before the run', async () => {
    const { definition, ...rest } = counting();
    const other = definition.replace('dynamodb:getItem', 'sqs:sendMessage');
    const runner = open(temporaryFolder(), { ...rest, definition: other });
    await expect(runner.start('counting', {})).rejects.toThrow(
      "The resource 'arn:aws:states:::sqs:sendMessage' is not served by this runner",
    );
  });
});
