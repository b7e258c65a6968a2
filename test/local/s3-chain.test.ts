import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { compileWorkflow, each, fromS3, task, toS3, workflow } from '../../lib/index.ts';
import { s3Objects } from '../../lib/local/integrations/s3-objects.ts';
import { createLocalRunner } from '../../lib/local/local-runner.ts';
import { s3StandIn } from './integrations/stand-ins.ts';
import { temporaryFolder } from './store/temporary-folder.ts';

// biome-ignore lint/suspicious/noExplicitAny: it answers what it is given.
const echo = task<(event: any) => Promise<any>>('test/fixtures/functions/echo.ts');

const flow = await workflow('chain', { input: z.object({ day: z.string() }) }, async ({ day }) => {
  const found = await each(
    fromS3({ bucket: 'tickets', key: `in/${day}.csv`, format: 'csv' }),
    (row) => echo({ found: row.word }),
    { writeTo: toS3({ bucket: 'results' }) },
  );
  return each(fromS3(found), (batch) => echo(batch), { batch: 2 });
});

async function ran(folder: string, environment: Record<string, string> = {}) {
  const workflows = [compileWorkflow(flow)];
  const runner = createLocalRunner({ workflows, folder, environment });
  onTestFinished(() => runner.close());
  const { id } = await runner.start('chain', { day: 'monday' });
  for await (const _ of runner.events('chain', id));
  return runner.get('chain', id);
}

describe('a workflow that reads and writes S3, on this machine', () => {
  it('takes plain files where no endpoint is set, and puts its results beside them', async () => {
    const folder = temporaryFolder();
    const bucket = path.join(folder, 'buckets/tickets/in');
    mkdirSync(bucket, { recursive: true });
    writeFileSync(path.join(bucket, 'monday.csv'), 'word\nherons\nclocks\nrain\n');
    const run = await ran(folder);
    expect(run).toMatchObject({
      status: 'SUCCEEDED',
      output: [[{ found: 'herons' }, { found: 'clocks' }], [{ found: 'rain' }]],
    });
    const written = readdirSync(path.join(folder, 'buckets/results'), { recursive: true });
    expect(written.map((name) => path.basename(String(name)))).toContain('manifest.json');
  });

  it('takes the server that AWS_ENDPOINT_URL_S3 names', async () => {
    const environment = {
      AWS_ENDPOINT_URL_S3: await s3StandIn('tickets', 'results'),
      // s3rver knows this key pair only.
      AWS_ACCESS_KEY_ID: 'S3RVER',
      AWS_SECRET_ACCESS_KEY: 'S3RVER',
    };
    const csv = Buffer.from('word\nherons\n');
    await s3Objects(environment)?.put('tickets', 'in/monday.csv', csv);
    const folder = temporaryFolder();
    expect(await ran(folder, environment)).toMatchObject({
      status: 'SUCCEEDED',
      output: [[{ found: 'herons' }]],
    });
    expect(readdirSync(folder)).not.toContain('buckets');
  });

  it('fails naming the file that is not there', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'buckets/tickets/in/monday.csv');
    expect(await ran(folder)).toMatchObject({
      status: 'FAILED',
      error: 'States.ItemReaderFailed',
      cause: expect.stringContaining(`the file ${file} is not there`),
    });
  });
});
