import type { BatchDesk } from '../../../lib/model/batch/parts.ts';

/** The function was ended: nothing that it does has an effect any more. */
export class Died extends Error {
  override readonly name = 'Died';
}

/**
 * A desk whose function dies at the nth thing that it asks of table, provider or states: before it is
 * done, or after it, so that only its answer is lost. Everything later fails.
 * @param died is told of its death
 */
export function dying(
  desk: BatchDesk,
  nth: number,
  when: 'before' | 'after',
  died: () => void = () => undefined,
) {
  let count = 0;
  const port = <T extends object>(methods: T): T =>
    Object.fromEntries(
      Object.entries(methods).map(([name, method]) => [
        name,
        (...args: unknown[]) => {
          count += 1;
          if (count === nth) died();
          if (count > nth || (count === nth && when === 'before')) return failing();
          const answer = method(...args);
          return count === nth ? lost(answer) : answer;
        },
      ]),
    ) as T;
  const { waiting, rows, calls } = desk.batch;
  const dyingDesk: BatchDesk = {
    ...desk,
    jobs: port(desk.jobs),
    tokens: port(desk.tokens),
    batch: { waiting: port(waiting), rows: port(rows), calls: port(calls) },
  };
  return { desk: dyingDesk, hasDied: () => count >= nth };
}

/** A promise and an async iteration in one, both of which fail. */
function failing() {
  const dead = Promise.reject(new Died());
  dead.catch(() => undefined);
  return Object.assign(dead, {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Died()) }),
  });
}

function lost(answer: unknown) {
  if (answer instanceof Promise) return answer.then(() => Promise.reject(new Died()));
  return failing();
}
