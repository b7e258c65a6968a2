import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { JsonObject } from '../../lib/json.ts';
import { type BatchEnd, Batches, type LineOutcome } from '../../lib/local/stand-in/batches.ts';

/** What becomes of a call's line, by the word that stands in its prompt. */
export const lineFaults = ['400', '401', '429', '500', 'error', 'wrong', 'empty', 'none'] as const;

/** What becomes of a whole batch, by the name of its model. */
export const batchFaults = [
  'fine',
  'upload-400',
  'upload-reset',
  'create-401',
  'create-500',
  'failed',
  'failed-line',
  'expired',
] as const;

/** Files and batches of a provider that repeats all that it was sent, key included, wherever it may. */
export async function hostileBatches() {
  let echo = '';
  const error = () => ({ message: echo, code: echo, param: echo, type: echo });
  const met = new Set<string>();
  const batches = new Batches({
    latency: () => 200,
    line: (line) => outcomeOf(line, error(), met),
    end: (lines) => endOf(String((lines[0]?.body as JsonObject | undefined)?.model), error()),
  });
  const inner = await listening(
    (request, response) => void batches.handleRequest(request, response, String(request.url)),
  );
  /** The models of the files, which are refused when their batch is made. */
  const models = new Map<string, string>();
  const outer = await listening(async (request, response) => {
    const bytes: Buffer[] = [];
    for await (const chunk of request) bytes.push(chunk as Buffer);
    const body = Buffer.concat(bytes);
    const text = body.toString();
    const path = String(request.url);
    const key = request.headers.authorization ?? '';
    if (text.includes('canary')) echo = `You sent ${key}: ${text}`;
    response.setHeader('x-echo', key);
    response.setHeader('x-request-id', key);
    const file = /"input_file_id":"([^"]+)"/.exec(text)?.[1] ?? '';
    const model = models.get(file) ?? /"model":"([\w-]+)"/.exec(text)?.[1] ?? '';
    const [step, fault] = model.split('-');
    if (/completions$/.test(path)) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(chat('{"ok":true}')));
    } else if (
      request.method === 'POST' &&
      path.endsWith(step === 'upload' ? '/files' : `/batches`) &&
      Number(fault) > 0
    ) {
      met.add(model);
      response.writeHead(Number(fault), key, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: error() }));
    } else if (step === 'upload' && fault === 'reset') {
      met.add(model);
      response.socket?.resetAndDestroy();
    } else {
      const type = request.headers['content-type'];
      const answer = await fetch(`${inner}${path}`, {
        method: String(request.method),
        ...(type ? { headers: { 'content-type': type } } : {}),
        ...(body.length > 0 ? { body } : {}),
      });
      const told = await answer.text();
      if (path.endsWith('/files')) models.set(JSON.parse(told).id, model);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(told);
    }
  });
  onTestFinished(() => batches.close());
  return { url: `${outer}/v1`, met, meter: batches.meter };
}

function outcomeOf(line: JsonObject, error: JsonObject, met: Set<string>): LineOutcome {
  const fault = /call-line-(\w+)\./.exec(JSON.stringify(line))?.[1] ?? 'fine';
  const { model } = line.body as { model: string };
  const isFirst = !met.has(fault);
  met.add(fault);
  if (model === 'expired') {
    return { error: { code: 'batch_expired', message: String(error.message) } };
  }
  // What passes by itself comes once: such a call is made again in another batch.
  const comesBack = !isFirst && ['429', '500', 'error', 'none'].includes(fault);
  if (comesBack) return { status: 200, body: chat('{"ok":true}') };
  if (Number(fault) > 0) return { status: Number(fault), body: { error } };
  if (fault === 'error') return { error: { code: 'server_error', message: String(error.message) } };
  if (fault === 'none') return 'none';
  const said = fault === 'wrong' ? '{"wrong":1}' : fault === 'empty' ? '' : '{"ok":true}';
  return { status: 200, body: chat(said) };
}

function endOf(model: string, error: JsonObject): BatchEnd {
  if (model === 'failed') return { status: 'failed', errors: [error] };
  if (model === 'failed-line') return { status: 'failed', errors: [{ ...error, line: 1 }] };
  return { status: model === 'expired' ? 'expired' : 'completed' };
}

function chat(content: string): JsonObject {
  const message = { role: 'assistant', content, refusal: null };
  const usage = { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  return { id: 'x', object: 'chat.completion', created: 0, model: 'm', choices, usage };
}

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
