import type { HistoryEvent } from '../../engine/history/event.ts';
import { UsageError } from '../../errors.ts';
import { type AwsEvent, eventOf } from '../../run/aws-history.ts';

const command =
  'aws stepfunctions get-execution-history --execution-arn ... --include-execution-data --output json';

/**
 * The events of an exported execution, in order: `{ events: [...] }` as the AWS CLI and the SDKs give it,
 * a list of such pages, or a list of events; as text or parsed.
 * @throws UsageError for what is no history, or one that cannot be replayed
 */
export function eventsIn(exported: unknown): readonly HistoryEvent[] {
  const parsed: unknown = typeof exported === 'string' ? parse(exported) : exported;
  const pages: readonly unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  const told = pages.flatMap((page) => (page as { events?: AwsEvent[] } | null)?.events ?? [page]);
  if (!told.every(isEvent)) throw unreadable('it holds something that is no event of a history');
  const events = told.map((event) => eventOf(event)).sort((a, b) => a.id - b.id);
  if (events[0]?.type !== 'ExecutionStarted') {
    throw unreadable('it does not begin with ExecutionStarted');
  }
  if (events.some((event, index) => event.id !== index + 1)) {
    throw unreadable('some of its events are missing, or there twice: give all pages once');
  }
  check(events);
  return events;
}

function check(events: readonly HistoryEvent[]): void {
  if (events.some(({ type }) => type === 'MapRunStarted')) {
    throw new UsageError(
      'The exported execution has a Distributed Map, whose items ran as executions of their own: export and replay each of these with the definition of its items.',
    );
  }
  if (events.some(({ type }) => type === 'ExecutionRedriven')) {
    throw new UsageError(
      'The exported execution was redriven: its states ran more than once over. Replay one that was not.',
    );
  }
  for (const { id, type, details = {} } of events) {
    if (isCut(details.inputDetails) || isCut(details.outputDetails)) {
      throw unreadable(`the data of event ${id} (${type}) was cut off`);
    }
    const isWithout = /^(ExecutionStarted|LambdaFunctionScheduled)$/.test(type);
    if (isWithout && details.input === undefined) throw unreadable('it has no execution data');
  }
}

function isCut(value: unknown): boolean {
  return (value as { truncated?: boolean } | undefined)?.truncated === true;
}

function isEvent(value: unknown): value is AwsEvent {
  const { id, type } = (value ?? {}) as AwsEvent;
  return Number.isSafeInteger(id) && typeof type === 'string';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unreadable('it is not JSON');
  }
}

function unreadable(why: string): UsageError {
  return new UsageError(
    `The export is no history that can be replayed: ${why}. Export with: ${command}`,
  );
}
