import type { ChatCompletionRequest } from '@copilotkit/aimock';
import { type BackgroundMeter, BackgroundResponses, type WebhookTarget } from './background.ts';
import { Batches, type BatchMeter } from './batches.ts';
import { scriptedReply } from './reply.ts';

export interface StandInOptions {
  /**
   * Milliseconds until a model answers. Default: 150 to 450, the same for a model every time and other
   * for another model, so that a demonstration shows who was waited for. 0: at once. A streamed answer
   * begins after a third of that, and then comes word by word.
   */
  readonly latency?: number | ((model: string) => number);
  /** Milliseconds until a batch is done. Default: 1,000, or `latency` where that is 0. */
  readonly batchLatency?: number;
  /** Where the webhooks of background calls and batches go. Default: none is sent. */
  readonly webhooks?: () => Promise<WebhookTarget>;
}

export interface StandIn {
  /** The base URL to give to that provider's calls. */
  baseURL(provider: string): string;
  /**
   * The base URL to give to calls of the lanes 'background' and 'batch': OpenAI's Responses API, in the
   * background only, its Files and its Batches.
   */
  readonly backgroundURL: string;
  /** What the background calls were. */
  readonly background: Readonly<BackgroundMeter>;
  /** What the batches were. */
  readonly batches: Readonly<BatchMeter>;
  close(): Promise<void>;
}

/** A stream begins after this share of the latency. */
const untilFirst = 1 / 3;
/** Characters of a streamed piece, and milliseconds between two. */
const chunkSize = 8;
const chunkPause = 8;
/** A provider's batch takes minutes to hours; a demonstration need not. */
const batchLatency = 1_000;

/**
 * Starts a server on 127.0.0.1, on a free port, that speaks Chat Completions in place of every
 * provider, so that a workflow runs without a key. No model is behind it: each answer is scripted, says
 * so, and is the same for the same request. A request with an output schema gets an instance of it.
 *
 * Carried by @copilotkit/aimock, imported here and not before, because that takes 0.1 s.
 */
export async function startStandIn(options: StandInOptions = {}): Promise<StandIn> {
  const { LLMock } = await import('@copilotkit/aimock');
  const server = new LLMock({
    host: '127.0.0.1',
    port: 0,
    logLevel: 'silent',
    journalMaxEntries: 1,
  });
  const answer = async (request: ChatCompletionRequest) => {
    const latency = latencyOf(request.model, options.latency);
    await pause(request.stream ? latency * untilFirst : latency);
    return scriptedReply(request.model, request.messages, request.response_format);
  };
  const pace = { chunkSize, latency: options.latency === 0 ? 0 : chunkPause };
  server.on({ endpoint: 'chat' }, answer, pace);
  const background = new BackgroundResponses({
    latency: (model) => latencyOf(model, options.latency),
    ...(options.webhooks ? { target: options.webhooks } : {}),
  });
  const batches = new Batches({
    latency: () => options.batchLatency ?? (options.latency === 0 ? 0 : batchLatency),
    ...(options.webhooks ? { target: options.webhooks } : {}),
  });
  server.mount('/background', {
    handleRequest: async (request, response, pathname) =>
      (await batches.handleRequest(request, response, String(request.url))) ||
      background.handleRequest(request, response, pathname),
  });
  const url = await server.start();
  return {
    baseURL: () => `${url}/v1`,
    backgroundURL: `${url}/background/v1`,
    background: background.meter,
    batches: batches.meter,
    async close() {
      batches.close();
      background.close();
      await server.stop();
    },
  };
}

function latencyOf(model: string, latency: StandInOptions['latency']): number {
  if (typeof latency === 'function') return latency(model);
  return latency ?? 150 + (hash(model) % 301);
}

/** FNV-1a: spreads similar names. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return value;
}

function pause(milliseconds: number): Promise<void> {
  return milliseconds > 0
    ? new Promise((resolve) => setTimeout(resolve, milliseconds).unref())
    : Promise.resolve();
}
