import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  completion,
  type ProviderServer,
  providerServer,
  type Received,
  sendJson,
} from '../provider-server.ts';
import { said, stop, usage } from './streaming-server.ts';

/** Answers each prompt with its own text, a word at a time; whole where no stream is asked for. */
export async function spoken(
  speak: (prompt: string, response: ServerResponse) => Promise<void> = words,
): Promise<ProviderServer> {
  return providerServer(async (request, response) => {
    const prompt = promptOf(request);
    if (!request.body.stream) return sendJson(response, 200, completion(`${prompt} says so`));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    await speak(prompt, response);
  });
}

function promptOf({ body }: Received): string {
  return String((body.messages as { content: string }[]).at(-1)?.content);
}

export function send(response: ServerResponse, event: object): void {
  response.write(`data: ${JSON.stringify(event)}\n\n`);
}

export async function words(prompt: string, response: ServerResponse): Promise<void> {
  for (const word of [prompt, ' says', ' so']) {
    send(response, said(word));
    await sleep(60);
  }
  send(response, stop());
  send(response, usage);
  response.end('data: [DONE]\n\n');
}
