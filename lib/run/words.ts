import type { HistoryEvent } from '../engine/history/event.ts';
import { isObject } from './schema.ts';
import { parseJson } from './spend.ts';

/** Whether a model's function put its call off until its turn: see lib/model/turn.ts. */
export function isDeferral({ type, details }: HistoryEvent): boolean {
  return type.endsWith('Failed') && details?.error === 'Model.Deferred';
}

/** Whether a model call is given away to wait for a batch: see lib/model/batch. */
export function isInBatch({ details }: HistoryEvent): boolean {
  if (details?.resource !== 'invoke.waitForTaskToken') return false;
  const text = String(details.parameters);
  if (!text.includes('"lane":"batch"')) return false;
  const { Payload } = (parseJson(text) ?? {}) as { Payload?: { lane?: unknown } };
  return Payload?.lane === 'batch';
}

/** Whether no batch has answered such a call in time: the document then makes it as a sync call. */
export function isExpiry({ details }: HistoryEvent): boolean {
  return details?.error === 'Model.BatchExpired' || details?.error === 'States.Timeout';
}

/** A Fail's cause has at most so many characters: what is longer fails the race. */
const longestCause = 32_768;

/**
 * Whether a state that is entered is the Fail by which a branch ends its siblings, having won. Step
 * Functions tells no error of a Fail in a branch, so it is known by its name ("gpt won") and by what it
 * is given: the winner's value, or the slot with which a quorum is met ("gpt met").
 */
export function isWin({ type, details }: HistoryEvent): boolean {
  const [, word] = / (won|met)( \d+)?$/.exec(details?.name ?? '') ?? [];
  if (type !== 'FailStateEntered' || word === undefined) return false;
  const { input } = details ?? {};
  if (input === undefined) return true;
  const given = parseJson(input);
  if (word === 'met') return isObject(given) && given.status === 'fulfilled';
  return isObject(given) && 'value' in given && JSON.stringify(given).length <= longestCause;
}

/** A call by which the branches of a quorum count themselves: nothing that the user wrote. */
export function countsBranches({ type, details }: HistoryEvent): boolean {
  if (type !== 'TaskScheduled' || details?.resourceType !== 'dynamodb') return false;
  const { Key } = (parseJson(details.parameters as string) ?? {}) as {
    Key?: { id?: { S?: unknown } };
  };
  return String(Key?.id?.S ?? '').startsWith('tally#');
}
