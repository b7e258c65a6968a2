/** An activity's task that waits for a worker. */
export interface ActivityTask {
  readonly input: string;
  readonly taskToken: string;
  /** A worker has taken it. */
  started(workerName: string | undefined): void;
}

/** What GetActivityTask gives to a worker. */
export interface ActivityWork {
  readonly taskToken: string;
  readonly input: string;
}

type Worker = (task: ActivityTask) => void;

/** The tasks of activities, handed to workers in the order in which they were scheduled. */
export class ActivityQueue {
  readonly #tasks = new Map<string, Set<ActivityTask>>();
  readonly #workers = new Map<string, Set<Worker>>();

  add(activityArn: string, task: ActivityTask): void {
    const worker = first(this.#workers.get(activityArn));
    if (worker) {
      this.#workers.get(activityArn)?.delete(worker);
      worker(task);
    } else setOf(this.#tasks, activityArn).add(task);
  }

  remove(activityArn: string, task: ActivityTask): void {
    this.#tasks.get(activityArn)?.delete(task);
  }

  /**
   * The next task of an activity, or undefined when `signal` is aborted first (GetActivityTask gives up
   * after 60 seconds).
   */
  take(
    activityArn: string,
    workerName: string | undefined,
    signal: AbortSignal,
  ): Promise<ActivityWork | undefined> {
    return new Promise((resolve) => {
      const worker: Worker = (task) => {
        signal.removeEventListener('abort', giveUp);
        task.started(workerName);
        resolve({ taskToken: task.taskToken, input: task.input });
      };
      const giveUp = (): void => {
        this.#workers.get(activityArn)?.delete(worker);
        resolve(undefined);
      };
      const waiting = first(this.#tasks.get(activityArn));
      if (waiting) {
        this.remove(activityArn, waiting);
        worker(waiting);
      } else if (signal.aborted) resolve(undefined);
      else {
        setOf(this.#workers, activityArn).add(worker);
        signal.addEventListener('abort', giveUp, { once: true });
      }
    });
  }
}

function first<T>(set: ReadonlySet<T> | undefined): T | undefined {
  return set?.values().next().value;
}

function setOf<T>(map: Map<string, Set<T>>, key: string): Set<T> {
  let set = map.get(key);
  if (!set) {
    set = new Set();
    map.set(key, set);
  }
  return set;
}
