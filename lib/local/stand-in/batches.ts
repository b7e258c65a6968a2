import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject } from '../../json.ts';
import { type BackgroundOptions, deliver, formatIn, messagesIn, send } from './background.ts';
import { scriptedReply } from './reply.ts';

export interface BatchesOptions extends Omit<BackgroundOptions, 'latency'> {
  /** Milliseconds until a batch is done. */
  readonly latency: () => number;
  /** What becomes of a line, in place of the scripted reply; undefined: that. */
  readonly line?: (line: JsonObject) => LineOutcome | undefined;
  /** How many lines of a batch are done when it is cancelled. Default: 0. */
  readonly done?: number;
  /** How a batch ends. Default: 'completed'. */
  readonly end?: (lines: readonly JsonObject[]) => BatchEnd | undefined;
}

/** A line of the output file, or of the error file; 'none': of neither. */
export type LineOutcome =
  | { readonly status: number; readonly body: JsonObject }
  | { readonly error: { readonly code: string; readonly message: string } }
  | 'none';

export interface BatchEnd {
  readonly status: 'completed' | 'failed' | 'expired';
  /** Of a failed one: what its validation found. */
  readonly errors?: readonly JsonObject[];
}

/** What was asked of the stand-in, counted. */
export interface BatchMeter {
  /** Files that were uploaded, and those that are kept now. */
  uploaded: number;
  files: number;
  created: number;
  cancelled: number;
  /** Calls that a model has answered, by the names that they were given. */
  readonly answered: Map<string, number>;
  /** Input and output of those. */
  tokens: number;
}

type Told = Record<string, unknown> & { readonly id: string; status: string };

/**
 * OpenAI's Files and Batches, without a model behind them: a file is uploaded (`POST /files`), a batch made of
 * it (`POST /batches`), and when its time is over its answers stand in an output file and what failed in an
 * error file. A webhook, signed as OpenAI signs, says that it is over.
 */
export class Batches {
  readonly meter: BatchMeter = {
    uploaded: 0,
    files: 0,
    created: 0,
    cancelled: 0,
    answered: new Map(),
    tokens: 0,
  };
  readonly #options: BatchesOptions;
  readonly #files = new Map<string, { readonly told: JsonObject; readonly text: string }>();
  /** The newest is the last. */
  readonly #batches = new Map<string, Told>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(options: BatchesOptions) {
    this.#options = options;
  }

  /** True when the request was one of these. */
  async handleRequest(
    request: IncomingMessage,
    response: ServerResponse,
    pathname: string,
  ): Promise<boolean> {
    const url = new URL(pathname, 'http://stand-in');
    const [, kind, id, action] =
      /\/(files|batches)(?:\/([\w-]+))?(?:\/(content|cancel))?$/.exec(url.pathname) ?? [];
    if (kind === undefined) return false;
    const bytes: Buffer[] = [];
    for await (const chunk of request) bytes.push(chunk as Buffer);
    const body = Buffer.concat(bytes);
    if (kind === 'files' && id === undefined) {
      send(response, 200, await this.#upload(body, String(request.headers['content-type'])));
    } else if (kind === 'files') this.#file(response, id ?? '', request.method, action);
    else if (id === undefined && request.method === 'POST') {
      this.#create(response, JSON.parse(body.toString()) as JsonObject);
    } else if (id === undefined) send(response, 200, this.#list(url.searchParams));
    else this.#batch(response, id, action);
    return true;
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  async #upload(body: Buffer<ArrayBuffer>, type: string): Promise<JsonObject> {
    const form = await new Response(body, { headers: { 'content-type': type } }).formData();
    const text = await (form.get('file') as File).text();
    this.meter.uploaded += 1;
    return this.#keep(text, String(form.get('purpose')));
  }

  #keep(text: string, purpose: string): JsonObject {
    const id = `file-${randomUUID().replaceAll('-', '')}`;
    const bytes = Buffer.byteLength(text);
    const told = { id, object: 'file', bytes, created_at: seconds(), filename: 'file', purpose };
    this.#files.set(id, { told, text });
    this.meter.files = this.#files.size;
    return told;
  }

  #file(response: ServerResponse, id: string, method: string | undefined, action?: string): void {
    const file = this.#files.get(id);
    if (file === undefined) notFound(response, 'file');
    else if (method === 'DELETE') {
      this.#files.delete(id);
      this.meter.files = this.#files.size;
      send(response, 200, { id, object: 'file', deleted: true });
    } else if (action === 'content') {
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(file.text);
    } else send(response, 200, file.told);
  }

  #create(response: ServerResponse, body: JsonObject): void {
    const file = this.#files.get(String(body.input_file_id));
    if (file === undefined) {
      notFound(response, 'file');
      return;
    }
    const batch: Told = {
      id: `batch_${randomUUID().replaceAll('-', '')}`,
      object: 'batch',
      endpoint: body.endpoint,
      errors: null,
      input_file_id: body.input_file_id,
      completion_window: body.completion_window,
      status: 'in_progress',
      output_file_id: null,
      error_file_id: null,
      created_at: seconds(),
      metadata: body.metadata ?? null,
    };
    this.#batches.set(batch.id, batch);
    this.meter.created += 1;
    const lines = linesOf(file.text);
    const timer = setTimeout(() => this.#end(batch, lines), this.#options.latency());
    this.#timers.set(batch.id, timer.unref());
    send(response, 200, batch);
  }

  #list(query: URLSearchParams): JsonObject {
    const newest = [...this.#batches.values()].reverse();
    const from = newest.findIndex(({ id }) => id === query.get('after')) + 1;
    const limit = Number(query.get('limit') ?? 20);
    const data = newest.slice(from, from + limit) as unknown as JsonObject[];
    return { object: 'list', data, has_more: from + limit < newest.length };
  }

  #batch(response: ServerResponse, id: string, action?: string): void {
    const batch = this.#batches.get(id);
    if (batch === undefined) notFound(response, 'batch');
    else if (action === undefined) send(response, 200, batch);
    else if (batch.status === 'in_progress') {
      this.#cancel(batch);
      send(response, 200, batch);
    } else send(response, 409, { error: { message: 'The batch is over.' } });
  }

  #cancel(batch: Told): void {
    this.meter.cancelled += 1;
    clearTimeout(this.#timers.get(batch.id));
    batch.status = 'cancelling';
    const lines = linesOf(this.#files.get(String(batch.input_file_id))?.text ?? '');
    const stopped = (): void => {
      batch.status = 'cancelled';
      this.#answer(batch, lines.slice(0, this.#options.done ?? 0));
      this.#tell(batch);
    };
    this.#timers.set(batch.id, setTimeout(stopped, 0).unref());
  }

  #end(batch: Told, lines: readonly JsonObject[]): void {
    const { status, errors } = this.#options.end?.(lines) ?? { status: 'completed' };
    batch.status = status;
    if (status === 'failed') batch.errors = { object: 'list', data: errors };
    else this.#answer(batch, lines);
    this.#tell(batch);
  }

  #answer(batch: Told, lines: readonly JsonObject[]): void {
    const files = { output_file_id: [] as string[], error_file_id: [] as string[] };
    for (const line of lines) {
      const outcome = this.#options.line?.(line) ?? this.#scripted(line);
      if (outcome === 'none') continue;
      const isGood = 'status' in outcome && outcome.status < 300;
      const { custom_id } = line;
      const answer =
        'error' in outcome
          ? { response: null, error: outcome.error }
          : { response: responseOf(outcome), error: null };
      const text = JSON.stringify({ id: `batch_req_${randomUUID()}`, custom_id, ...answer });
      files[isGood ? 'output_file_id' : 'error_file_id'].push(text);
    }
    for (const [name, texts] of Object.entries(files)) {
      if (texts.length > 0) batch[name] = this.#keep(`${texts.join('\n')}\n`, 'batch_output').id;
    }
  }

  #scripted(line: JsonObject): LineOutcome {
    const body = line.body as JsonObject;
    const isChat = line.url === '/v1/chat/completions';
    const messages = isChat ? body.messages : messagesIn(body);
    const format = isChat ? body.response_format : formatIn(body);
    const model = String(body.model);
    const { content, usage } = scriptedReply(model, messages as never, format);
    const text = this.#options.reply?.(body) ?? content;
    const name = String(line.custom_id);
    this.meter.answered.set(name, (this.meter.answered.get(name) ?? 0) + 1);
    this.meter.tokens += usage.total_tokens;
    return { status: 200, body: isChat ? chat(model, text, usage) : told(model, text, usage) };
  }

  #tell({ id, status }: Told): void {
    const event = { object: 'event', type: `batch.${status}`, data: { id } };
    void deliver(event, id, this.#options);
  }
}

type Usage = ReturnType<typeof scriptedReply>['usage'];

function chat(model: string, content: string, usage: Usage): JsonObject {
  const message = { role: 'assistant', content, refusal: null };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  return { id: 'chatcmpl_1', object: 'chat.completion', model, choices, usage: { ...usage } };
}

function told(model: string, text: string, usage: Usage): JsonObject {
  const { prompt_tokens, completion_tokens, total_tokens } = usage;
  const content = [{ type: 'output_text', text, annotations: [] }];
  const message = { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content };
  return {
    id: 'resp_1',
    object: 'response',
    status: 'completed',
    model,
    output: [message],
    usage: { input_tokens: prompt_tokens, output_tokens: completion_tokens, total_tokens },
  };
}

function responseOf({ status, body }: { readonly status: number; readonly body: JsonObject }) {
  return { status_code: status, request_id: `req_${randomUUID()}`, body };
}

function linesOf(text: string): readonly JsonObject[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as JsonObject);
}

function notFound(response: ServerResponse, what: string): void {
  send(response, 404, { error: { message: `There is no such ${what}.` } });
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
