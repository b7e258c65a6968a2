import { backgroundFunctions } from '../../asl/background-functions.ts';
import type { SubmitFunctionNeed } from '../../asl/compiled.ts';
import type { HistoryEvent } from '../../engine/history/event.ts';
import { lambdaInvocation, lambdaInvokeResult } from '../../engine/task/lambda-invoke.ts';
import { type TaskCall, TaskFailure } from '../../engine/task/task-port.ts';
import type { JsonObject } from '../../json.ts';
import type { Submitted } from '../../model/background/submit.ts';
import type { TokenDesk } from '../door/token-desk.ts';
import { localFunctionArn } from '../function-host/environment.ts';
import { FunctionError } from '../function-host/function-error.ts';
import type { FunctionPlan } from '../function-plan.ts';
import { runTableName } from '../run-table/name.ts';
import type { OpenBatches } from './open-batches.ts';
import { OpenCalls } from './open-calls.ts';
import { pastCalls } from './past-calls.ts';

type Invoke = (name: string, payload: string) => Promise<string>;

/** The stand-in tells by webhooks; a real provider cannot reach this machine, and is asked. */
const firstLook = { scripted: 10_000, real: 2_000 };
/** A call that was open is looked at when the run has been resumed. */
const afterResume = 1_000;
/**
 * What the runner's close has for cancelling, in milliseconds: usually a tenth of it is needed, but on a
 * busy machine a function takes its time to start, and what is not cancelled is paid for.
 */
const patience = 3_000;

/** What a function that submits is given. */
interface Submission {
  readonly request?: JsonObject;
  readonly lane?: 'batch';
}

/** The lanes 'background' and 'batch' on this machine: the tasks that give calls away, and what follows. */
export class BackgroundCalls {
  readonly #submits: ReadonlyMap<string, SubmitFunctionNeed>;
  readonly #invoke: Invoke;
  readonly #open: OpenCalls;
  readonly #firstLook: number;
  /** By the names of the functions that look after them. */
  readonly #batches = new Map<string, Promise<OpenBatches>>();

  constructor({ needs, connections }: FunctionPlan, invoke: Invoke) {
    const submits = needs.filter((need) => need.kind === 'submit');
    this.#submits = new Map(submits.map((need) => [localFunctionArn(need.name), need]));
    this.#invoke = invoke;
    const isReal = submits.some(({ name }) => connections.has(name));
    this.#firstLook = isReal ? firstLook.real : firstLook.scripted;
    this.#open = new OpenCalls(invoke);
  }

  through(desk: TokenDesk): TokenDesk {
    return this.#open.through(desk);
  }

  /**
   * Gives the call of a task to the provider. It is not stopped halfway: what the provider has taken must
   * be known, so that it can be cancelled. undefined: the task is not of this lane.
   */
  run(call: TaskCall): Promise<string> | undefined {
    if (call.resource.kind !== 'service' || call.resource.service !== 'lambda') return undefined;
    const { functionName, payload } = lambdaInvocation(call.input);
    const need = this.#submits.get(functionName);
    if (need === undefined) return undefined;
    const submitting = this.#submit(need, payload, call);
    void this.#open.track(submitting.catch(() => undefined));
    return submitting;
  }

  /** Writes the jobs of a run's earlier process again, and looks after them. */
  async restore(
    events: readonly HistoryEvent[],
    table: () => Promise<Readonly<Record<string, string>>>,
  ): Promise<void> {
    const calls = pastCalls(events);
    if (calls.length === 0) return;
    const { dynamoJobs } = await import('../../model/background/dynamo-jobs.ts');
    for (const { submit, job } of calls) {
      const need = this.#submits.get(submit);
      if (!need) continue;
      await dynamoJobs(runTableName, need.provider, await table()).add(job, job.deadline);
      const { id, token, deadline } = job;
      const sweep = sweepOf(need);
      if (job.lane === 'batch') {
        this.#open.begin(token);
        (await this.#batchesOf(sweep)).watch({ job: id, token, deadline });
      } else this.#open.watch({ job: id, token, deadline, sweep, firstLook: afterResume });
    }
  }

  async close(): Promise<void> {
    for (const batches of this.#batches.values()) {
      void this.#open.track(batches.then((each) => each.close()));
    }
    await this.#open.close(patience);
  }

  async #submit(need: SubmitFunctionNeed, payload: string, call: TaskCall): Promise<string> {
    const { signal, taskToken: token = '' } = call;
    const { request, lane } = JSON.parse(payload) as Submission;
    const sweep = sweepOf(need);
    const batches = lane === 'batch' ? await this.#batchesOf(sweep) : null;
    this.#open.begin(token);
    batches?.expect();
    const answer = await this.#answer(need.name, payload).catch((error: unknown) => {
      this.#open.forget(token);
      throw error;
    });
    const { job } = JSON.parse(answer) as Submitted;
    const deadline = Date.now() + Number(request?.timeoutSeconds ?? 0) * 1000;
    if (batches) batches.watch({ job, token, deadline, signal });
    else this.#open.watch({ job, token, deadline, sweep, signal, firstLook: this.#firstLook });
    return lambdaInvokeResult(answer, job);
  }

  /** Nothing of it is loaded by a run that has no such call. */
  #batchesOf(sweep: string): Promise<OpenBatches> {
    const known = this.#batches.get(sweep);
    if (known) return known;
    const made = import('./open-batches.ts').then(
      (module) =>
        new module.OpenBatches({
          sweep: (event) => this.#open.ask(sweep, event),
          waits: (token) => this.#open.waits(token),
          over: (token) => this.#open.over(token),
        }),
    );
    this.#batches.set(sweep, made);
    return made;
  }

  async #answer(name: string, payload: string): Promise<string> {
    try {
      return await this.#invoke(name, payload);
    } catch (error) {
      if (error instanceof FunctionError) throw new TaskFailure(error.errorType, error.cause);
      throw error;
    }
  }
}

function sweepOf(need: SubmitFunctionNeed): string {
  return backgroundFunctions(need)[1].name;
}
