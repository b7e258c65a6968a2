import type { JsonObject } from '../../lib/json.ts';
import { type BatchFault, draw, drawnFault, type Hits } from './faults.ts';
import { idIn, type Ledger } from './ledger.ts';

/** OpenAI's share of its price, for what a batch answers. */
const factor = 0.5;

/** How the work on a line ends: 'done' by its own fault or well, or as its batch has it. */
export type LineEnd = 'done' | 'batch_expired' | 'batch_cancelled' | 'absent' | 'never told';

/** What the lines of a batch come to. */
export interface LineFiles {
  readonly output: string[];
  readonly error: string[];
}

export interface BatchLinesOptions {
  readonly seed: number;
  readonly share: number;
  /** Those that a line can meet. */
  readonly faults: readonly BatchFault[];
  readonly ledger: Ledger;
  readonly hits: Hits;
}

/** The model behind a batch: each line's answer and fault are drawn from the seed, and booked. */
export function batchLines({ seed, share, faults, ledger, hits }: BatchLinesOptions) {
  const given = new Map<string, number>();

  function end(line: JsonObject, how: LineEnd, { output, error }: LineFiles): void {
    const custom_id = String(line.custom_id);
    if (how === 'absent') return;
    if (how === 'batch_expired' || how === 'batch_cancelled') {
      error.push(failed(custom_id, { code: how, message: 'It was not made.' }));
      return;
    }
    given.set(custom_id, (given.get(custom_id) ?? 0) + 1);
    const id = idIn(JSON.stringify(line));
    const entry = ledger.of(id);
    const random = draw(seed, id, entry.requests, custom_id.slice(custom_id.lastIndexOf('.')));
    const fault = drawnFault(random, faults, share);
    if (fault) hits.add(fault);
    if (fault === 'line: batch_expired') {
      error.push(failed(custom_id, { code: 'batch_expired', message: 'It was not made.' }));
      return;
    }
    if (fault === 'line: 429' || fault === 'line: 500') {
      error.push(answered(custom_id, Number(fault.slice(-3)), { error: { message: id } }));
      return;
    }
    const usage = usageOf(random);
    const text = answered(custom_id, 200, completion(contentOf(fault, id), usage));
    const isTold = how === 'done' && fault !== 'line: missing' && fault !== 'line: malformed';
    const use = { input: usage.prompt_tokens, output: usage.completion_tokens, factor };
    const [job] = custom_id.split('.');
    entry[isTold ? 'told' : 'untold'].push({ ...use, ...(job ? { job } : {}) });
    output.push(...linesBy(fault, text, custom_id, random));
  }

  return {
    end,
    /** Calls that a model has worked on more than once. */
    twice: () => [...given.values()].filter((times) => times > 1).length,
  };
}

function linesBy(
  fault: BatchFault | null,
  text: string,
  custom_id: string,
  random: () => number,
): readonly string[] {
  switch (fault) {
    case 'line: missing':
      return [];
    case 'line: twice':
      return [text, text];
    case 'line: malformed':
      return [random() < 0.5 ? text.slice(0, -9) : `\u0000${text}`];
    case 'line: of somebody else': {
      // An earlier attempt, another table's job, and no job at all.
      const [job = ''] = custom_id.split('.');
      const names = [`${job}.0`, `${job}.99`, `${job.slice(1)}x.1`, 'theirs', ''];
      const strange = names.map((name) => answered(name, 200, completion('{"id":"theirs"}', {})));
      return [...strange, text];
    }
    default:
      return [text];
  }
}

function contentOf(fault: BatchFault | null, id: string): string {
  if (fault === 'line: wrong schema') return '{"wrong":1}';
  return fault === 'line: empty answer' ? '' : JSON.stringify({ id });
}

function answered(custom_id: string, status_code: number, body: object): string {
  const response = { status_code, request_id: `req_${custom_id}`, body };
  return JSON.stringify({ id: 'batch_req', custom_id, response, error: null });
}

function failed(custom_id: string, error: object): string {
  return JSON.stringify({ id: 'batch_req', custom_id, response: null, error });
}

function usageOf(random: () => number) {
  const prompt_tokens = 20 + Math.floor(random() * 40);
  const completion_tokens = 1 + Math.floor(random() * 200);
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

function completion(content: string, usage: object): object {
  const message = { role: 'assistant', content, refusal: null };
  const choices = [{ index: 0, message, finish_reason: 'stop' }];
  return { id: 'soak', object: 'chat.completion', created: 0, model: 'm', choices, usage };
}
