import { WorkflowInvalid } from '../errors.ts';
import { CallStep } from './call-step.ts';
import { checkedName } from './name.ts';
import { checkOptions } from './options.ts';
import type { Given } from './symbolic.ts';

export interface TaskOptions {
  /** The name of the step's state. Default: the file's name without its ending. */
  readonly name?: string;
  /** The exported function. Default 'handler'. */
  readonly handler?: string;
  /** The call's own time limit: seconds or '5 minutes'. Default 120 seconds, at most 880. */
  readonly timeout?: number | string;
}

// biome-ignore lint/suspicious/noExplicitAny: a handler of any input; its own types are inferred.
type Handler = (event: any, context: any) => unknown;

/** Calls the task: a lazy step. A handler without a parameter is called without an argument. */
export type Task<H extends Handler> = Parameters<H>['length'] extends 0
  ? () => TaskStep<Awaited<ReturnType<H>>>
  : (input: Given<Parameters<H>[0]>) => TaskStep<Awaited<ReturnType<H>>>;

/**
 * A step that runs your own function: a Lambda function in AWS, the same bundle in a worker here.
 * `task<typeof handler>('functions/search.ts')` takes its types from the handler, which is imported
 * as a type only.
 *
 * The result is what the handler returns, as JSON. A handler that throws fails the step; the error's
 * name is `error.name`. Lambda's own faults are retried; the handler's errors are not, unless
 * `.retry` says so. Limits: 6 MB out, 880 seconds; what is too large for
 * a run's data goes by reference, and the handler sees it whole.
 *
 * @param entry the module's path from the project's root
 * @throws WorkflowInvalid
 */
export function task<H extends Handler>(entry: string, options: TaskOptions = {}): Task<H> {
  const place = `task(${JSON.stringify(entry)})`;
  checkOptions(options, ['name', 'handler', 'timeout'], place);
  if (typeof entry !== 'string' || !/^[^/\\\0][^\\\0]*\.[cm]?[jt]sx?$/.test(entry)) {
    throw new WorkflowInvalid(
      `${place} does not name a module. Write its path from the project's root: task('functions/search.ts').`,
    );
  }
  const name = options.name === undefined ? fileName(entry) : checkedName(options.name);
  const call = (input: unknown) => new TaskStep(entry, name, input, options);
  return call as Task<H>;
}

export class TaskStep<T> extends CallStep<T> {
  constructor(entry: string, name: string, input: unknown, options: TaskOptions) {
    super({
      what: 'task',
      label: name,
      target: { kind: 'task', entry, handler: options.handler ?? 'handler' },
      gives: 'value',
      payload: input ?? {},
      timeout: options.timeout ?? 120,
    });
  }

  override get title(): string {
    return `task '${this.name ?? this.label}'`;
  }
}

function fileName(entry: string): string {
  return (entry.split('/').at(-1) ?? entry).replace(/\.[cm]?[jt]sx?$/, '');
}
