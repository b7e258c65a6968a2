import type { Value } from '../../workflow/graph.ts';
import { partOf } from '../../workflow/substitute.ts';
import type { Catcher, Exit } from '../place.ts';

/** How a branch or an iteration ends its machine: its catchers, and its exit. */
export interface Settling {
  readonly catchers: readonly Catcher[];
  readonly exit: Exit;
}

const end: Exit = (output) => ({ next: null, assign: [], output });

/** It gives its value; a failure fails what it belongs to. */
export const unsettled: Settling = { catchers: [], exit: end };

/** Which slot: its name, its position, and the key and the words of the state that ends a rejection. */
export interface Slot {
  readonly name: Value;
  readonly index: Value;
  readonly key: string;
  readonly words: string;
}

/**
 * Promise.allSettled's two shapes. The Catch stands inside, on every state: a Catch on the Parallel
 * would lose the siblings, a Retry on it would run, and pay, every branch again.
 */
export function settled(slot: Slot): Settling {
  return {
    catchers: [rejecting(slot, rejectedSlot)],
    exit: (value) => end(fulfilledSlot(value)),
  };
}

/**
 * The catcher that ends a machine with the reason of its failure, or hands that on to a state.
 * @param next the state's name; null: the machine ends
 */
export function rejecting(
  slot: Slot,
  shape: (reason: Value) => Value,
  next: string | null = null,
): Catcher {
  return {
    errors: ['States.ALL'],
    ending: (failure) => ({ ...end(shape(reasonOf(failure, slot))), next }),
    resting: { key: `${slot.key}:rejected`, words: `${slot.words} rejected` },
  };
}

export function fulfilledSlot(value: Value): Value {
  return slotOf('fulfilled', 'value', value);
}

export function rejectedSlot(reason: Value): Value {
  return slotOf('rejected', 'reason', reason);
}

function slotOf(status: string, field: string, value: Value): Value {
  const literal: Value = { kind: 'literal', value: status };
  return {
    kind: 'object',
    entries: [
      ['status', literal],
      [field, value],
    ],
  };
}

function reasonOf(failure: Value, { name, index }: Slot): Value {
  return {
    kind: 'object',
    entries: [
      ['error', partOf(failure, ['error'])],
      ['cause', partOf(failure, ['cause'])],
      ['name', name],
      ['index', index],
    ],
  };
}
