import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What a call meets, by the word that stands in its prompt. */
export const faults = [
  'fine',
  '400',
  '401',
  '429',
  '500',
  '503',
  'reset',
  'half',
  'no-json',
  'wrong',
  'empty',
  'hang',
  'failed',
] as const;

/** A provider that repeats all that it was sent, key included, wherever it may say something of a failure. */
export async function hostileProvider() {
  const asked = new Map<string, number>();
  const responses = new Map<string, object>();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const [, lane = '', fault = ''] = /call-(\w+)-([\w-]+?)\./.exec(body) ?? [];
    const key = request.headers.authorization ?? '';
    const echo = `You sent ${key}: ${body}`;
    response.setHeader('x-echo', key);
    response.setHeader('x-request-id', key);
    response.statusMessage = `${key} ${body.replace(/[^ -~]/g, '')}`.slice(0, 4_000);
    const count = (asked.get(lane + fault) ?? 0) + 1;
    asked.set(lane + fault, count);
    const id = /\/responses\/([\w-]+)/.exec(request.url ?? '')?.[1];
    if (id !== undefined) return send(response, 200, responses.get(id) ?? {});
    const isBackground = request.url?.endsWith('/responses') ?? false;
    const error = { message: echo, code: echo, param: echo, type: echo };
    const status = Number(fault);
    // What is waited for comes once: a call may wait for it many times.
    if (status > 0 && !(['429', '503'].includes(fault) && count > 1)) {
      return send(response, status, { error }, status === 429 ? { 'retry-after': '1' } : {});
    }
    if (fault === 'hang' && !isBackground) return;
    if (fault === 'reset') return void response.socket?.resetAndDestroy();
    const said = fault === 'wrong' ? '{"wrong":1}' : fault === 'empty' ? '' : '{"ok":true}';
    const whole = isBackground
      ? background(`resp_${lane}_${responses.size}`, said, JSON.parse(body), fault, error)
      : chat(said);
    if (isBackground) responses.set((whole as { id: string }).id, whole);
    const text = JSON.stringify(whole);
    if (fault === 'no-json') return void response.end(`${text}} ${echo}`);
    if (fault !== 'half') return send(response, 200, whole);
    response.writeHead(200, { 'content-length': text.length });
    response.write(text.slice(0, 40));
    setImmediate(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked };
}

function chat(content: string): object {
  const message = { role: 'assistant', content, refusal: null };
  const usage = { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  return { id: 'x', object: 'chat.completion', created: 0, model: 'm', choices, usage };
}

function background(
  id: string,
  text: string,
  { metadata }: { metadata?: object },
  fault: string,
  error: object,
): object {
  const content = [{ type: 'output_text', text, annotations: [] }];
  const message = { type: 'message', id: 'm', role: 'assistant', status: 'completed', content };
  const isFailed = fault === 'failed';
  return {
    ...{ id, object: 'response', background: true, model: 'm', metadata },
    status: fault === 'hang' ? 'in_progress' : isFailed ? 'failed' : 'completed',
    output: isFailed ? [] : [message],
    error: isFailed ? { ...error, code: 'server_error' } : null,
    incomplete_details: null,
    usage: { input_tokens: 5, output_tokens: 5, total_tokens: 10 },
  };
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
