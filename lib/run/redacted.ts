import type { HistoryEvent } from '../engine/history/event.ts';
import type { Json, JsonObject } from '../json.ts';

const hidden = '[task token]';

/**
 * A task token in a text: this engine's own (it begins with an ARN in base64url, and is signed), and
 * AWS's (a long base64 text with the mark of its encryption).
 */
const token = /YXJuOmF3czpzdGF0ZXM[\w-]*\.[\w-]{43}|[\w+/]*AAAAKgAAAA[\w+/=]{60,}/g;

/**
 * The event as it may be shown: without the token that a task with `.waitForTaskToken` was given. With
 * a token anybody may answer for the person or the service that is waited for.
 */
export function redacted<E extends HistoryEvent>(event: E): E {
  const { details, type } = event;
  if (type !== 'TaskScheduled' || !String(details?.resource).endsWith('.waitForTaskToken'))
    return event;
  const { parameters } = details as { parameters?: string };
  if (typeof parameters !== 'string') return event;
  const shown = JSON.stringify(without(JSON.parse(parameters) as Json, ''));
  return { ...event, details: { ...details, parameters: shown } };
}

/** What is named a token is hidden, and what looks like one. */
function without(value: Json, name: string): Json {
  if (typeof value === 'string')
    return /token$/i.test(name) ? hidden : value.replaceAll(token, hidden);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: Json) => without(each, name));
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, each]) => [key, without(each, key)]),
  );
}
