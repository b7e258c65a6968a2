import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Json, JsonObject } from '../../lib/json.ts';

/** How a Lambda function of a recording behaves. */
export type Stub =
  | { readonly kind: 'echo' }
  | { readonly kind: 'return-constant'; readonly value: Json }
  | { readonly kind: 'return-repeat'; readonly text: string; readonly count: number }
  | { readonly kind: 'raise'; readonly errorType: string; readonly errorMessage: string }
  | { readonly kind: 'sleep-then-echo'; readonly seconds: number }
  | { readonly kind: 'table'; readonly calls: readonly { input: Json; output: Json }[] };

export interface RecordedEvent {
  readonly type: string;
  readonly id: number;
  readonly previousEventId: number;
  readonly details?: JsonObject;
}

/** One line of executions.jsonl: an execution as AWS ran it. */
export interface Recording {
  readonly id: string;
  /** 'DD-MM-YYYY, hh:mm:ss', UTC. */
  readonly recorded: string;
  readonly workflow_type: 'STANDARD' | 'EXPRESS';
  readonly features: readonly string[];
  readonly definition: JsonObject;
  readonly input: Json;
  readonly lambda_stubs: Readonly<Record<string, Stub>>;
  readonly s3_objects?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly now?: string;
  readonly expected: {
    readonly status: string;
    readonly output?: Json;
    readonly error?: Json;
    readonly cause?: Json;
  };
  readonly expected_history: readonly RecordedEvent[] | null;
  readonly history_order: 'strict' | 'concurrent' | 'none';
}

const SHARED = resolve(import.meta.dirname, '../../../shared/conformance/executions.jsonl');

/** The file of recordings: `CONFORMANCE_FILE`, or the shared one; undefined where that is not there. */
export const recordingsFile: string | undefined =
  process.env.CONFORMANCE_FILE ?? (existsSync(SHARED) ? SHARED : undefined);

export function readRecordings(file: string): readonly Recording[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.filter((line) => line.trim() !== '').map((line) => JSON.parse(line) as Recording);
}

/** When the recording was made, in milliseconds since the epoch. */
export function recordedAt({ now, recorded }: Recording): number {
  if (now !== undefined) return Date.parse(now);
  const [day, month, year, time] = recorded.split(/[-,]\s*/);
  return Date.parse(`${year}-${month}-${day}T${time}Z`);
}
