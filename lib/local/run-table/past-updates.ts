import type { HistoryEvent } from '../../engine/history/event.ts';
import type { JsonObject } from '../../json.ts';
import { runTableName } from './name.ts';

/**
 * The updates of the run table that a history tells of, as `dynamodb:updateItem` takes them, in the
 * order in which they were answered. One without an answer is left out: its state runs again.
 */
export function pastUpdates(events: readonly HistoryEvent[]): readonly JsonObject[] {
  const scheduled = new Map<number, JsonObject>();
  const done: JsonObject[] = [];
  for (const event of events) {
    const { type, details, id, previousEventId } = event;
    if (details?.resourceType !== 'dynamodb' || details.resource !== 'updateItem') continue;
    if (type === 'TaskScheduled') {
      const update = JSON.parse(String(details.parameters)) as JsonObject;
      if (update.TableName === runTableName) scheduled.set(id, update);
    }
    // TaskStarted stands between the two.
    const before = scheduled.get(previousEventId);
    if (type === 'TaskStarted' && before) scheduled.set(id, before);
    if (type === 'TaskSucceeded' && before) done.push(before);
  }
  return done;
}
