import type { JsonObject } from '../../lib/json.ts';
import { batchLines, type LineEnd, type LineFiles } from './batch-lines.ts';
import { type BatchFault, batchFaultsBy, draw, drawnFault, type Hits } from './faults.ts';
import { idIn, type Ledger } from './ledger.ts';
import type { Threads } from './threads.ts';
import { type Deliver, forgedSecret, webhookSecret, webhookSender } from './webhook-sender.ts';

export interface BatchProviderOptions {
  readonly seed: number;
  readonly faults: readonly BatchFault[];
  /** How often a file, and how often a line, meets one of them. */
  readonly share: number;
  readonly ledger: Ledger;
  readonly hits: Hits;
  readonly threads: Threads;
  readonly deliver: Deliver;
  /** Milliseconds from a batch's making to the deadline of its youngest call. */
  readonly deadline: number;
}

/** A file, and the fault that it and all that is made of it meets. */
interface File {
  readonly text: string;
  readonly fault: BatchFault | null;
  readonly random: () => number;
}

interface Batch extends File {
  readonly told: Record<string, unknown> & { readonly id: string; status: string };
  readonly lines: readonly JsonObject[];
}

const hang = 600_000;
const names = ['output_file_id', 'error_file_id'] as const;

/**
 * OpenAI's Files and Batches on a virtual clock. Every latency, end and fault is drawn from the seed, by
 * the number of the file.
 */
export function batchProvider(options: BatchProviderOptions) {
  const { seed, share, ledger, hits, threads, deliver, deadline } = options;
  const { line, whole } = batchFaultsBy(options.faults);
  const model = batchLines({ seed, share, faults: line, ledger, hits });
  const files = new Map<string, File>();
  const batches = new Map<string, Batch>();
  const send = webhookSender(threads, deliver);
  let uploads = 0;

  async function upload(body: FormData, signal: AbortSignal | null): Promise<Response> {
    uploads += 1;
    const random = draw(seed, 'file', uploads);
    const fault = drawnFault(random, whole, share);
    const text = await (body.get('file') as Blob).text();
    await threads.pause(100 + Math.floor(random() * 3_000), signal);
    if (fault?.startsWith('upload')) hits.add(fault);
    if (fault === 'upload: refused') return refused([400, 413, 429, 500, 503], random, []);
    const told = keep(`file-${uploads}`, { text, fault, random });
    if (fault === 'upload: reset after it was taken') throw reset();
    return told;
  }

  function keep(id: string, file: File): Response {
    files.set(id, file);
    return json(200, { id, object: 'file', purpose: 'batch' });
  }

  /** A refusal by one of these statuses, which says when these calls may come again. */
  function refused(
    statuses: readonly number[],
    random: () => number,
    lines: readonly JsonObject[],
  ): Response {
    const status = statuses[Math.floor(random() * statuses.length)] as number;
    const error = { message: 'Not so.', code: status === 429 ? 'rate_limit_exceeded' : undefined };
    if (status !== 429) return json(status, { error });
    const seconds = 1 + Math.floor(random() * 600);
    for (const each of lines) entryOf(each).closedUntil = threads.clock.now() + seconds * 1000;
    return json(429, { error }, { 'retry-after': String(seconds) });
  }

  function entryOf(each: JsonObject) {
    return ledger.of(idIn(JSON.stringify(each)));
  }

  async function create(body: JsonObject, signal: AbortSignal | null): Promise<Response> {
    const file = files.get(String(body.input_file_id));
    if (file === undefined) return notFound();
    const { fault, random } = file;
    const lines = file.text
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each) as JsonObject);
    await threads.pause(100 + Math.floor(random() * 2_000), signal);
    for (const entry of lines.map(entryOf)) {
      if (threads.clock.now() < entry.closedUntil) entry.early += 1;
    }
    if (fault?.startsWith('create')) hits.add(fault);
    const [, status] = /^create: (4\d\d)$/.exec(fault ?? '') ?? [];
    if (status !== undefined) return refused([Number(status)], random, lines);
    if (fault === 'create: 500, made or not' && random() < 0.5) return refused([500], random, []);
    const batch = begun(body, file, lines);
    if (fault === 'create: 500, made or not') return refused([500], random, []);
    if (fault === 'create: reset after it was made') throw reset();
    if (fault === 'create: 10-minute hang') await threads.pause(hang, signal);
    if (fault === 'webhook: before the create returns') await over(batch);
    if (fault === 'webhook: forged') await tell(batch, forgedSecret);
    return json(200, { ...batch.told, status: 'validating' });
  }

  function begun(body: JsonObject, file: File, lines: readonly JsonObject[]): Batch {
    for (const entry of lines.map(entryOf)) entry.requests += 1;
    const { fault, random } = file;
    const { endpoint, input_file_id, metadata } = body;
    const told = {
      ...{ id: `batch_${batches.size}`, object: 'batch', endpoint, input_file_id, metadata },
      ...{ errors: null, output_file_id: null, error_file_id: null, status: 'in_progress' },
      created_at: Math.floor(threads.clock.now() / 1000),
    };
    const batch = { ...file, told, lines };
    batches.set(told.id, batch);
    if (fault?.startsWith('batch')) hits.add(fault);
    const seconds = secondsOf(fault, random);
    // It tells of an end that has not come yet.
    if (fault === 'webhook: early') threads.later(seconds * random(), () => tell(batch));
    threads.later(seconds, () => over(batch));
    return batch;
  }

  function secondsOf(fault: BatchFault | null, random: () => number): number {
    if (fault?.startsWith('batch: failed') || fault === 'batch: token_limit_exceeded') return 20;
    // Around the time at which its calls fall out of it.
    if (fault === 'batch: later than its calls') return deadline / 1000 - 600 + random() * 3_600;
    return 30 + Math.floor(random() * 5_400);
  }

  async function over(batch: Batch): Promise<void> {
    if (batch.told.status !== 'in_progress') return;
    ended(batch, endOf(batch.fault), batch.random() < 0.5);
    await tellOfEnd(batch);
  }

  /** @param isBare what was not done has no line either */
  function ended(batch: Batch, status: string, isBare: boolean): void {
    const { told, lines, fault, random } = batch;
    told.status = status;
    if (status === 'failed') {
      told.errors = { object: 'list', data: errorsOf(fault, lines, random) };
      return;
    }
    const isWhole = status === 'completed';
    const out: LineFiles = { output: [], error: [] };
    const rest: LineEnd = isBare
      ? 'absent'
      : status === 'expired'
        ? 'batch_expired'
        : 'batch_cancelled';
    for (const each of lines) {
      const isDone = isWhole || random() < 0.5;
      const end = fault === 'batch: gone' ? 'never told' : 'done';
      model.end(each, isDone ? end : rest, out);
    }
    if (fault === 'lines: reordered') {
      hits.add(fault);
      for (const texts of Object.values(out)) texts.reverse();
    }
    for (const [index, texts] of [out.output, out.error].entries()) {
      if (texts.length === 0) continue;
      const id = `${told.id}-${index}`;
      keep(id, { text: `${texts.join('\n')}\n`, fault, random });
      told[names[index] as string] = id;
    }
  }

  /** The webhooks of a batch that is over, as the fault has them. */
  async function tellOfEnd(batch: Batch): Promise<void> {
    const { fault } = batch;
    if (fault?.startsWith('webhook')) hits.add(fault);
    switch (fault) {
      case 'webhook: lost':
        return;
      case 'webhook: duplicate':
        for (let copy = 0; copy < 3; copy++) threads.start(() => tell(batch));
        return;
      case 'webhook: forged':
        await tell(batch, forgedSecret);
        return tell(batch);
      case 'webhook: replayed':
        for (const seconds of [60, 600]) threads.later(seconds, () => tell(batch));
        return tell(batch);
      default:
        return tell(batch);
    }
  }

  function tell({ told: { id, status } }: Batch, secret = webhookSecret): Promise<void> {
    return send(`batch.${status === 'in_progress' ? 'completed' : status}`, id, secret);
  }

  function cancel(batch: Batch): Response {
    const { told, random } = batch;
    if (told.status !== 'in_progress') return json(409, { error: { message: 'It is over.' } });
    told.status = 'cancelling';
    threads.later(5 + Math.floor(random() * 600), async () => {
      // It may have been done before it could be stopped.
      ended(batch, random() < 0.2 ? 'completed' : 'cancelled', random() < 0.5);
      await tellOfEnd(batch);
    });
    return json(200, told);
  }

  async function ask(url: URL, method: string, signal: AbortSignal | null): Promise<Response> {
    const [, kind, id = '', action] =
      /\/(files|batches)(?:\/([\w-]+))?(?:\/(content|cancel))?$/.exec(url.pathname) ?? [];
    if (kind === 'batches' && id === '') return listed(url.searchParams);
    const batch = batches.get(id);
    const asked = batch ?? files.get(id);
    await threads.pause(20 + Math.floor((asked?.random() ?? 0) * 300), signal);
    if (asked === undefined) return notFound();
    if (asked.fault === 'look: 500' && asked.random() < 0.4) {
      hits.add(asked.fault);
      return json(500, { error: { message: 'It failed.' } });
    }
    if (kind === 'files') return action === 'content' ? content(asked) : deleted(id, method);
    if (batch?.fault === 'batch: gone' && batch.told.status === 'completed') return notFound();
    return action === 'cancel' ? cancel(batch as Batch) : json(200, (batch as Batch).told);
  }

  /** The newest first, some at a time. */
  function listed(query: URLSearchParams): Response {
    const newest = [...batches.values()].map(({ told }) => told).reverse();
    const from = newest.findIndex(({ id }) => id === query.get('after')) + 1;
    const data = newest.slice(from, from + 10);
    return json(200, { object: 'list', data, has_more: from + 10 < newest.length });
  }

  function content({ text, fault, random }: File): Response {
    if (fault !== 'files: broken midway' || random() < 0.4) return new Response(text);
    hits.add(fault);
    return new Response(
      new ReadableStream({
        start: (stream) => stream.enqueue(new TextEncoder().encode(text.slice(0, text.length / 2))),
        pull: (stream) => stream.error(new TypeError('terminated', { cause: reset().cause })),
      }),
    );
  }

  function deleted(id: string, method: string): Response {
    if (method === 'DELETE') files.delete(id);
    return json(200, { id, object: 'file', deleted: true });
  }

  return {
    twice: model.twice,
    /** Files that nobody has deleted. */
    files: () => files.size,
    /** Undefined: none of a batch's requests. */
    answer(url: URL, init: RequestInit): Promise<Response> | undefined {
      const signal = init.signal ?? null;
      const { method = 'GET', body } = init;
      if (!/\/(files|batches)/.test(url.pathname)) return undefined;
      if (body instanceof FormData) return upload(body, signal);
      if (typeof body === 'string') return create(JSON.parse(body) as JsonObject, signal);
      return ask(url, method, signal);
    },
  };
}

function endOf(fault: BatchFault | null): string {
  if (fault?.startsWith('batch: failed') || fault === 'batch: token_limit_exceeded')
    return 'failed';
  if (fault === 'batch: expired, partly done') return 'expired';
  return fault === 'batch: cancelled by somebody' ? 'cancelled' : 'completed';
}

function errorsOf(
  fault: BatchFault | null,
  lines: readonly JsonObject[],
  random: () => number,
): readonly object[] {
  if (fault === 'batch: token_limit_exceeded')
    return [{ code: 'token_limit_exceeded', line: null }];
  if (fault === 'batch: failed, no line') return [{ code: 'invalid_file', line: null }];
  const line = 1 + Math.floor(random() * lines.length);
  return [{ code: 'invalid_request', param: 'body.temperature', line }];
}

function reset(): TypeError {
  const cause = Object.assign(new Error('ECONNRESET'), { code: 'ECONNRESET' });
  return new TypeError('fetch failed', { cause });
}

function notFound(): Response {
  return json(404, { error: { message: 'There is no such thing.' } });
}

function json(status: number, body: object, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}
