import { setImmediate } from 'node:timers/promises';
import { type CallOptions, callModel } from '../../../lib/model/call.ts';
import type { ModelError } from '../../../lib/model/errors.ts';
import { providerNamed } from '../../../lib/model/providers.ts';
import type { ModelRequest } from '../../../lib/model/request.ts';
import type { ModelResult } from '../../../lib/model/result.ts';
import { type ProviderServer, providerServer } from '../provider-server.ts';

/** What a stream does after its headers: says something, or breaks. */
export type Deed = object | string | Uint8Array | 'CUT' | 'RESET';

/** A provider that streams: for each request the next list of deeds; an object is one event. */
export function streamingServer(...replies: readonly (readonly Deed[])[]): Promise<ProviderServer> {
  let turn = 0;
  return providerServer(async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_1' });
    for (const deed of replies[turn++] ?? []) {
      if (deed === 'CUT') return void response.end();
      if (deed === 'RESET') return void response.destroy();
      const isRaw = typeof deed === 'string' || deed instanceof Uint8Array;
      response.write(isRaw ? deed : `data: ${JSON.stringify(deed)}\n\n`);
      for (let turns = 0; turns < 5; turns += 1) await setImmediate();
    }
    response.end('data: [DONE]\n\n');
  });
}

/** A chunk of a Chat Completion. */
export function chunk(delta: object, more: object = {}): object {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    model: 'test-model-2026-01-01',
    choices: [{ index: 0, delta, finish_reason: null, ...more }],
    usage: null,
  };
}

export const said = (content: string): object => chunk({ content });

export const stop = (reason = 'stop'): object => chunk({}, { finish_reason: reason });

export const usage = {
  ...chunk({}),
  choices: [],
  usage: { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 },
};

export interface Told {
  readonly result: ModelResult;
  /** How it failed instead. */
  readonly error: ModelError;
  /** The text of each answer, as it was told. */
  readonly texts: readonly string[];
  readonly told: readonly string[];
}

/** Calls a server and listens. */
export async function listen(
  { baseURL }: ProviderServer,
  request: Partial<ModelRequest> = {},
  options: CallOptions = {},
  name = 'openai',
): Promise<Told> {
  const texts: string[] = [];
  const told: string[] = [];
  const connection = { provider: providerNamed(name, baseURL), baseURL, apiKey: 'k' };
  const call = callModel({ model: 'm-1', prompt: 'Hello', ...request }, connection, {
    onText(text, answer) {
      told.push(text);
      texts[answer - 1] = (texts[answer - 1] ?? '') + text;
    },
    ...options,
  });
  const ended = await call.then(
    (result) => ({ result }),
    (error: ModelError) => ({ error }),
  );
  return { ...ended, texts, told } as unknown as Told;
}
