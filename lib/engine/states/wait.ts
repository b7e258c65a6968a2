import type { Json } from '../../json.ts';
import { pathScope } from '../data-flow.ts';
import { StateFailure } from '../failure.ts';
import { type Field, typedExpression } from '../field.ts';
import type { PastVisit } from '../history/past.ts';
import { compilePath } from '../jsonpath/path.ts';
import type { Payload } from '../payload.ts';
import type { Strand } from '../strand.ts';
import { PlainState } from './plain-state.ts';
import type { CompileContext, StateDefinition } from './state.ts';

/** Recordings: a longer delay fails with "Wait state delay is too long." */
const LONGEST_SECONDS = 2 ** 31 - 1;

/** Waits for some seconds or until a time. A time that has passed is no wait at all. */
export class WaitState extends PlainState {
  /** When the wait is over, in milliseconds since the epoch. */
  readonly #due: Field<number>;

  constructor(name: string, definition: StateDefinition, context: CompileContext) {
    super(name, definition, context);
    this.#due = compileDue(definition, context);
  }

  execute(strand: Strand): void {
    const input = this.flow.input(strand);
    strand.when(this.#due(strand, input.value), (due) => this.#waitUntil(strand, input, due));
  }

  /** The wait began when the state was entered, in whatever process that was. */
  resume(strand: Strand, _past: PastVisit): void {
    this.execute(strand);
  }

  #waitUntil(strand: Strand, input: Payload, due: number): void {
    const { clock } = strand.execution.services;
    const delay = due - clock.now();
    if (delay > LONGEST_SECONDS * 1000)
      throw new StateFailure('States.Runtime', 'Wait state delay is too long.');
    if (delay <= 0) {
      this.complete(strand, input);
      return;
    }
    strand.waiting = clock.setTimer(delay, () =>
      strand.later(() => {
        strand.waiting = undefined;
        this.complete(strand, input);
      }),
    );
  }
}

function compileDue(definition: StateDefinition, { language }: CompileContext): Field<number> {
  const { Seconds, SecondsPath, Timestamp, TimestampPath } = definition;
  if (typeof Seconds === 'number') return (strand) => strand.enteredTime + Seconds * 1000;
  if (typeof SecondsPath === 'string') return secondsAt(SecondsPath);
  if (typeof TimestampPath === 'string') return timestampAt(TimestampPath);
  if (language === 'JSONPath') {
    const time = parseTimestamp(Timestamp as string) ?? 0;
    return () => time;
  }
  return Seconds === undefined ? jsonataTimestamp(Timestamp as Json) : jsonataSeconds(Seconds);
}

function secondsAt(text: string): Field<number> {
  const path = compilePath(text);
  return (strand, input) => {
    const value = path.require(pathScope(strand, input));
    const shown = `${text} == ${typeof value === 'string' ? value : JSON.stringify(value)}`;
    if (!Number.isInteger(value)) {
      throw new StateFailure(
        'States.Runtime',
        `The SecondsPath parameter cannot be parsed as a long value: ${shown}`,
      );
    }
    if ((value as number) < 0) {
      throw new StateFailure(
        'States.Runtime',
        `The SecondsPath parameter references a negative value: ${shown}`,
      );
    }
    return strand.enteredTime + (value as number) * 1000;
  };
}

function timestampAt(text: string): Field<number> {
  const path = compilePath(text);
  return (strand, input) => {
    const value = path.require(pathScope(strand, input));
    const time = typeof value === 'string' ? parseTimestamp(value) : undefined;
    if (time !== undefined) return time;
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    throw new StateFailure(
      'States.Runtime',
      `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${text} == ${shown}`,
    );
  };
}

function jsonataSeconds(value: Json): Field<number> {
  const read = typedExpression<number>(value, 'Seconds', 'number', (v) => typeof v === 'number');
  const due = (strand: Strand, seconds: number): number => {
    if (Number.isInteger(seconds) && seconds >= 0) return strand.enteredTime + seconds * 1000;
    throw new StateFailure(
      'States.QueryEvaluationError',
      `The Seconds field must be a non-negative integer, but it is ${seconds}`,
      { location: 'Seconds' },
    );
  };
  return (strand, input) => {
    const seconds = read(strand, input);
    return seconds instanceof Promise
      ? seconds.then((seconds) => due(strand, seconds))
      : due(strand, seconds);
  };
}

function jsonataTimestamp(value: Json): Field<number> {
  const read = typedExpression<string>(value, 'Timestamp', 'string', (v) => typeof v === 'string');
  const due = (text: string): number => {
    const time = parseTimestamp(text);
    if (time !== undefined) return time;
    throw new StateFailure(
      'States.QueryEvaluationError',
      `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${text}`,
      { location: 'Timestamp' },
    );
  };
  return (strand, input) => {
    const text = read(strand, input);
    return text instanceof Promise ? text.then(due) : due(text);
  };
}

const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds of an RFC 3339 time as AWS takes it: with a T, and with Z or an offset. */
export function parseTimestamp(text: string): number | undefined {
  const match = TIMESTAMP.exec(text);
  if (!match) return undefined;
  const [, date, hours, minutes, seconds = '00', fraction = '0', zone] = match;
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0');
  const time = Date.parse(`${date}T${hours}:${minutes}:${seconds}.${milliseconds}${zone}`);
  return Number.isNaN(time) ? undefined : time;
}
