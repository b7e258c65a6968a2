import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { start } from './command-line.ts';

const curl = async (
  ...args: string[]
): Promise<{ status: number; body: Record<string, unknown> }> => {
  const { stdout } = await promisify(execFile)('curl', ['-s', '-w', '\n%{http_code}', ...args]);
  const at = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(at + 1)), body: JSON.parse(stdout.slice(0, at)) };
};

const post = (url: string, body: string, ...more: string[]) =>
  curl('-X', 'POST', url, '-H', 'content-type: application/json', '-d', body, ...more);

describe('cloudgather dev', () => {
  it('lets curl start a run, follow it to its result, and be told what is wrong', async () => {
    const server = start(['dev', '--port', '0']);
    const [url = ''] = await server.see('stdout', /http:\/\/127\.0\.0\.1:\d+/);

    const key = ['-H', 'Idempotency-Key: once'];
    const started = await post(`${url}/workflows/panel/runs`, '{"question":"why?"}', ...key);
    expect(started).toMatchObject({ status: 202, body: { status: 'RUNNING', workflow: 'panel' } });
    const again = await post(`${url}/workflows/panel/runs`, '{"question":"why?"}', ...key);
    expect(again.body.id).toBe(started.body.id);

    const { self } = started.body.links as { self: string };
    let run = await curl(url + self);
    while (run.body.status === 'RUNNING') run = await curl(url + self);
    expect(run).toMatchObject({ status: 200, body: { status: 'SUCCEEDED', id: started.body.id } });
    expect(Object.keys((run.body.output as { answers: object }).answers)).toEqual([
      'gpt',
      'claude',
      'gemini',
    ]);

    expect(await post(`${url}/workflows/panel/runs`, '{"question":7}')).toMatchObject({
      status: 400,
      body: { type: 'urn:cloudgather:InputInvalid', errors: [{ pointer: '/question' }] },
    });
    const { body } = await curl(`${url}/workflows/panel/runs`);
    expect(body.runs).toHaveLength(1);

    server.child.kill('SIGINT');
    expect((await server.ended).code).toBe(0);
  });
});
