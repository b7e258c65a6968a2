import type { Json, JsonObject } from '../../json.ts';
import { StateFailure } from '../failure.ts';
import { compileNumber, compileTemplate } from '../field.ts';
import { PAYLOAD_LIMIT, Payload } from '../payload.ts';
import type { QueryLanguage } from '../states/state.ts';
import type { Strand } from '../strand.ts';

/** Groups the inputs of a Distributed Map's children. */
export type ItemBatcher = (
  strand: Strand,
  input: Json,
  items: readonly Payload[],
) => Promise<readonly Payload[]>;

/** Compiles a Map's ItemBatcher: `{ "Items": [...], "BatchInput": ... }` for each batch. */
export function compileItemBatcher(definition: JsonObject, language: QueryLanguage): ItemBatcher {
  const location = (field: string): string => `ItemBatcher/${field}`;
  const number = (field: string) =>
    compileNumber(definition, field, language, 'integer', location(field));
  const readCount = number('MaxItemsPerBatch');
  const readBytes = number('MaxInputBytesPerBatch');
  const readInput =
    definition.BatchInput === undefined
      ? undefined
      : compileTemplate(definition.BatchInput, language, location('BatchInput'));
  return async (strand, input, items) => {
    const count = positive('MaxItemsPerBatch', await readCount?.(strand, input));
    const bytes = positive('MaxInputBytesPerBatch', await readBytes?.(strand, input));
    const batchInput = await readInput?.(strand, input);
    return batch(items, count, Math.min(bytes, PAYLOAD_LIMIT), batchInput);
  };
}

function positive(field: string, value: number | undefined): number {
  if (value === undefined) return Number.POSITIVE_INFINITY;
  if (value > 0) return value;
  throw new StateFailure('States.Runtime', `${field} must be positive, but it is ${value}.`);
}

function batch(
  items: readonly Payload[],
  maxCount: number,
  maxBytes: number,
  batchInput: Json | undefined,
): readonly Payload[] {
  const around = batchInput === undefined ? 0 : JSON.stringify({ BatchInput: batchInput }).length;
  const batches: Payload[][] = [];
  let current: Payload[] = [];
  let size = 0;
  for (const item of items) {
    const bytes = Buffer.byteLength(item.text) + 1;
    const full = current.length >= maxCount || around + EMPTY_BATCH + size + bytes > maxBytes;
    if (full && current.length > 0) {
      batches.push(current);
      current = [];
      size = 0;
    }
    current.push(item);
    size += bytes;
  }
  if (current.length > 0) batches.push(current);
  return batches.map((batch) =>
    Payload.ofValue({
      ...(batchInput !== undefined && { BatchInput: batchInput }),
      Items: batch.map((item) => item.value),
    }),
  );
}

/** The bytes of `{"Items":[]}`. */
const EMPTY_BATCH = 12;
