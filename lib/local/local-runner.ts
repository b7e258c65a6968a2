import type { CompiledWorkflow } from '../asl/compiled.ts';
import { createEngine, type Engine } from '../engine/engine.ts';
import type { HistoryEvent } from '../engine/history/event.ts';
import { RunNotFound, UsageError } from '../errors.ts';
import type { Json } from '../json.ts';
import type { Approval, ApprovalAnswer } from '../run/approval.ts';
import { startId } from '../run/id.ts';
import { checkInput } from '../run/input.ts';
import type { Run, RunEvent } from '../run/run.ts';
import type {
  FollowOptions,
  GetOptions,
  Runner,
  RunSummary,
  StartOptions,
  WatchOptions,
  WorkflowInfo,
} from '../run/runner.ts';
import { sameJson } from '../run/same.ts';
import type { TokenEvent } from '../run/token-event.ts';
import { answerRun, askedBy } from './approval/answered.ts';
import { conflict } from './conflict.ts';
import { type TokenDesk, tokenDesk } from './door/token-desk.ts';
import { executionNames } from './execution-arn.ts';
import { LocalRun } from './local-run.ts';
import { type NestedRunner, withNestedRuns } from './nested-runs.ts';
import { OpenRuns } from './open-runs.ts';
import { wholeRunOf } from './run-payloads.ts';
import type { Runnable, TaskSupply } from './runnable.ts';
import { Runnables } from './runnables.ts';
import { durableTasks } from './store/durable-tasks.ts';
import { Journal } from './store/journal.ts';
import { RunStore } from './store/run-store.ts';
import type { StoredRun } from './store/stored-run.ts';
import { followStored, openRunOf, runOf, summaryOf } from './stored-history.ts';
import {
  runnableWorkflow,
  stateFolder,
  WorkflowFunctions,
  type WorkflowFunctionsOptions,
} from './workflow-functions.ts';

export interface LocalRunnerOptions extends WorkflowFunctionsOptions {
  readonly workflows: readonly CompiledWorkflow[];
}

/** A Runner whose runs outlive it: they are in `runs.sqlite`, for this process and any other. */
export interface LocalRunner extends Runner {
  /**
   * Goes on with a run whose process has ended without closing it. A step that has succeeded is not
   * run again; one that was in flight is, and its history says so.
   * @throws RunNotFound; RunConflict when the run is closed or its process lives
   */
  resume(workflow: string, id: string): Promise<Run>;
}

/**
 * Runs workflows on this machine: the compiled document in the engine, the bundled functions in
 * worker threads. A provider that no key or base URL leads to is answered by the scripted stand-in.
 * Nothing is started before the first run; `close` ends all of it within a second, or within three more
 * where background calls have to be cancelled at their provider.
 *
 * An event is on the disk before anything that follows from it leaves the process: a call, an answer,
 * an event told to a follower (docs/decisions/2026-11-22-run-store.md).
 * @throws DefinitionInvalid, DefinitionUnsupported, UsageError
 */
export function createLocalRunner(options: LocalRunnerOptions): LocalRunner {
  return new EmbeddedRunner(
    options.workflows.map(runnableWorkflow),
    new WorkflowFunctions(options.workflows, options),
    stateFolder(options),
  );
}

/** How often this process looks whether another one asks it to stop a run, in milliseconds. */
const stopPause = 200;
/** How long another process may take to stop a run, in milliseconds. */
const stopPatience = 5000;

/** The runner over any set of runnables: those of workflows, or of a cloud assembly. */
export class EmbeddedRunner implements LocalRunner {
  readonly #runnables: Runnables;
  readonly #supply: TaskSupply;
  readonly #folder: string;
  readonly #store: RunStore;
  readonly #journal: Journal;
  readonly #engine: Engine;
  readonly #desk: TokenDesk;
  readonly #open = new OpenRuns();
  #stops: NodeJS.Timeout | undefined;
  readonly #closing = new AbortController();

  constructor(runnables: readonly Runnable[], supply: TaskSupply, folder: string) {
    const tasks = supply.nests ? withNestedRuns(supply.tasks, this.#nested()) : supply.tasks;
    this.#runnables = new Runnables(runnables, (resource) => tasks.refuse(resource));
    this.#supply = supply;
    this.#folder = folder;
    this.#store = new RunStore(folder);
    this.#journal = new Journal({
      write: (batch) => this.#store.write(batch),
      written: (key) => this.#open.written(key),
      failed: (error) => this.#open.failAll(error),
    });
    const engine = createEngine({
      tasks: durableTasks(tasks, this.#journal),
      tokenSecret: this.#store.tokenSecret,
      onEvent: (event, arn) => this.#journal.append(this.#open.record(event, arn), event),
      pastOf: (child) => this.#pastOf(child),
      ...(supply.objects && { store: supply.objects }),
    });
    this.#engine = engine;
    supply.tellTo?.((piece) => this.#open.get(piece.workflow, piece.run)?.tell(piece));
    this.#desk = tokenDesk(engine, this.#journal);
    supply.answerTo?.({
      desk: this.#desk,
      linkSecret: () => this.#store.linkSecret,
      opened: (url) => this.#store.noteDoor(url),
    });
  }

  async workflows(): Promise<readonly WorkflowInfo[]> {
    return this.#runnables.infos;
  }

  async start(workflow: string, input: Json, options: StartOptions = {}): Promise<Run> {
    this.#refuseClosed();
    const runnable = this.#runnables.named(workflow);
    this.#runnables.checkCalled(runnable);
    const checked = checkInput(runnable.inputSchema, input);
    const id = startId(options);
    if (options.reuse !== undefined) await this.get(workflow, options.reuse, { references: true });
    return this.#existing(workflow, id, checked) ?? this.#begin(runnable, id, checked);
  }

  #begin(runnable: Runnable, id: string, input: Json): Promise<Run> {
    const workflow = runnable.name;
    const machine = this.#runnables.machine(runnable);
    const started = Date.now();
    const text = JSON.stringify(input);
    const run = new LocalRun({ id, workflow, started, input: text });
    return this.#launch(run, runnable, () => {
      const { program } = runnable;
      const { owner } = this.#store;
      const stored = this.#store.add({ workflow, id, started, input: text, program, owner });
      // Another process has started one of that id since.
      if (!stored) throw conflict(workflow, id, 'already. Start this one with another id');
      this.#open.keep(run, stored.key);
      return this.#engine.start(machine, { input: text, ...executionNames(workflow, id) });
    });
  }

  async get(workflow: string, id: string, { references }: GetOptions = {}): Promise<Run> {
    this.#journal.commit();
    const open = this.#open.get(workflow, id);
    const store = this.#store;
    const run = open ? openRunOf(store, open) : runOf(store, this.#stored(workflow, id));
    return references ? run : wholeRunOf(run, this.#folder);
  }

  async list(workflow: string, options: { limit?: number } = {}): Promise<readonly RunSummary[]> {
    this.#runnables.named(workflow);
    this.#journal.commit();
    return this.#store
      .list(workflow, options.limit ?? -1)
      .map((stored) => summaryOf(this.#store, stored));
  }

  async stop(workflow: string, id: string, reason?: string): Promise<Run> {
    return wholeRunOf(await this.#stop(workflow, id, reason), this.#folder);
  }

  async #stop(workflow: string, id: string, reason?: string): Promise<Run> {
    const open = this.#open.get(workflow, id);
    if (open) {
      open.stop(reason);
      this.#journal.commit();
      return openRunOf(this.#store, open);
    }
    const stored = this.#stored(workflow, id);
    if (stored.status !== 'RUNNING') return runOf(this.#store, stored);
    if (this.#store.isInterrupted(stored)) return this.#abandon(stored, reason);
    this.#store.askToStop(stored, reason);
    const patience = AbortSignal.timeout(stopPatience);
    for await (const _ of followStored(this.#store, stored, 0, patience));
    return runOf(this.#store, this.#stored(workflow, id));
  }

  async redrive(workflow: string, id: string): Promise<Run> {
    const stored = this.#closedRun(workflow, id);
    if (stored.status === 'SUCCEEDED') {
      throw conflict(workflow, id, 'which has succeeded: there is nothing to run again');
    }
    return this.#takeUp(stored, true);
  }

  async resume(workflow: string, id: string): Promise<Run> {
    const stored = this.#stored(workflow, id);
    if (stored.status !== 'RUNNING') {
      const hint = stored.status === 'SUCCEEDED' ? '' : '. To run what failed again, redrive it';
      throw conflict(workflow, id, `which is closed (${stored.status})${hint}`);
    }
    if (!this.#store.isInterrupted(stored)) {
      throw conflict(workflow, id, 'which goes on: the process that runs it lives');
    }
    return this.#takeUp(stored, false);
  }

  events(workflow: string, id: string, options: WatchOptions): AsyncIterable<RunEvent | TokenEvent>;
  events(workflow: string, id: string, options?: FollowOptions): AsyncIterable<RunEvent>;
  async *events(
    workflow: string,
    id: string,
    options: FollowOptions & Partial<WatchOptions> = {},
  ): AsyncIterable<RunEvent | TokenEvent> {
    const { after = 0, signal, afterTokens } = options;
    const open =
      afterTokens === undefined ? this.#open.get(workflow, id) : this.#open.watched(workflow, id);
    if (open) {
      yield* open.follow(options);
      return;
    }
    const stored = this.#stored(workflow, id);
    const over = AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]);
    yield* followStored(this.#store, stored, after, over);
  }

  async approvals(workflow: string, id: string): Promise<readonly Approval[]> {
    this.#journal.commit();
    return askedBy(this.#store, this.#stored(workflow, id)).map(({ approval }) => approval);
  }

  async answer(
    workflow: string,
    id: string,
    approval: string,
    answer: ApprovalAnswer,
  ): Promise<Approval> {
    this.#journal.commit();
    const desk = this.#open.get(workflow, id) ? this.#desk : null;
    return answerRun(this.#store, this.#stored(workflow, id), desk, approval, answer);
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#open.stopAll('The runner was closed.');
    this.#journal.flush();
    clearInterval(this.#stops);
    await this.#supply.close();
    this.#store.close();
  }

  /** Takes a closed run, or one whose process has ended, up again with the document that it has. */
  #takeUp(stored: StoredRun, redrive: boolean): Promise<Run> {
    this.#refuseClosed();
    const { workflow, id, key } = stored;
    const runnable = this.#runnables.startedWith(workflow, this.#store.program(stored.program));
    const machine = this.#runnables.machine(runnable);
    const events = this.#store.events(key);
    if (!this.#store.claim(stored)) {
      throw conflict(workflow, id, 'which another process has just taken up');
    }
    const run = new LocalRun(stored);
    this.#open.keep(run, key);
    run.load(events);
    const goOn = () => {
      const options = executionNames(workflow, id);
      if (redrive) return this.#engine.redrive(machine, events, options);
      this.#store.noteResume(key, { after: events.length, time: Date.now() });
      // Its process ended before the first event was on the disk.
      if (events.length === 0) return this.#engine.start(machine, { ...options, input: run.input });
      return this.#engine.resume(machine, events, options);
    };
    const launched = this.#launch(run, runnable, goOn, events);
    return launched.catch((error: unknown) => {
      // A runner that was closed has let go of it with its lease.
      if (!this.#closing.signal.aborted) this.#store.disclaim(stored);
      throw error;
    });
  }

  /** Calls of the child wait until the supply has taken it up; see `TaskSupply.restore`. */
  #pastOf(child: string): HistoryEvent[] {
    const events = this.#store.childEvents(child);
    void this.#supply.restore?.(events);
    return events;
  }

  /** Starts the functions and then the execution; nothing is left of the run when that fails. */
  async #launch(
    run: LocalRun,
    runnable: Runnable,
    execute: () => ReturnType<Engine['start']>,
    past: readonly HistoryEvent[] = [],
  ): Promise<Run> {
    this.#open.add(run);
    try {
      await this.#supply.prepare(runnable);
      if (past.length > 0) await this.#supply.restore?.(past);
      this.#refuseClosed();
      run.runsAs(execute());
    } catch (error) {
      this.#open.drop(run);
      throw error;
    }
    this.#stops ??= setInterval(() => this.#stopAsAsked(), stopPause).unref();
    this.#journal.commit();
    return run.run;
  }

  #stopAsAsked(): void {
    if (this.#open.size === 0) return;
    for (const { key, reason } of this.#store.takeStopRequests()) {
      this.#open.stop(key, reason === '' ? undefined : reason);
    }
  }

  /** Closes a run that nobody runs. */
  #abandon(stored: StoredRun, cause: string | undefined): Run {
    const { workflow, id, key } = stored;
    if (!this.#store.claim(stored)) {
      throw conflict(workflow, id, 'which another process has just taken up');
    }
    const last = this.#store.events(key).length;
    const details = cause === undefined ? {} : { details: { cause } };
    const event = { id: last + 1, previousEventId: last, timestamp: Date.now(), ...details };
    this.#store.write(new Map([[key, [{ ...event, type: 'ExecutionAborted' }]]]));
    return runOf(this.#store, this.#stored(workflow, id));
  }

  /** The runs that runs start: see NestedRunner. */
  #nested(): NestedRunner {
    return {
      begin: (workflow, id, text) => {
        this.#refuseClosed();
        const runnable = this.#runnables.named(workflow);
        const stored = this.#store.find(workflow, id);
        if (!stored) return this.#begin(runnable, id, JSON.parse(text) as Json);
        if (!sameJson(JSON.parse(stored.input) as Json, JSON.parse(text) as Json)) {
          throw conflict(workflow, id, 'already, with another input');
        }
        return this.#store.isInterrupted(stored)
          ? this.#takeUp(stored, false)
          : this.get(workflow, id, { references: true });
      },
      ended: async (workflow, id) => {
        for await (const _ of this.events(workflow, id));
        // The run that waits for it carries it on: a whole output may not fit into its data.
        return this.get(workflow, id, { references: true });
      },
      stop: (workflow, id) =>
        this.stop(workflow, id, 'The run that waited for it needs it no more.'),
    };
  }

  #stored(workflow: string, id: string): StoredRun {
    this.#runnables.named(workflow);
    const stored = this.#store.find(workflow, id);
    if (stored) return stored;
    throw new RunNotFound(
      `Workflow '${workflow}' has no run of that id on this machine. Its runs can be listed.`,
    );
  }

  #closedRun(workflow: string, id: string): StoredRun {
    const stored = this.#stored(workflow, id);
    if (this.#store.isInterrupted(stored)) {
      throw conflict(workflow, id, 'which was interrupted: resume it instead');
    }
    if (stored.status !== 'RUNNING' && !this.#store.isHeld(stored)) return stored;
    throw conflict(workflow, id, 'which goes on: only a closed run can be redriven');
  }

  /** The open run that a start by the same id and input means. @throws RunConflict for any other */
  #existing(workflow: string, id: string, input: Json): Run | undefined {
    this.#journal.commit();
    const open = this.#open.get(workflow, id);
    const stored = open ? undefined : this.#store.find(workflow, id);
    const text = open?.input ?? stored?.input;
    if (text === undefined) return undefined;
    const other = 'Start this one with another id, or without one';
    if (stored && stored.status !== 'RUNNING') {
      throw conflict(workflow, id, `already, which is closed. ${other}`);
    }
    if (!sameJson(JSON.parse(text) as Json, input)) {
      throw conflict(workflow, id, `already, with another input. ${other}`);
    }
    if (stored && this.#store.isInterrupted(stored)) {
      throw conflict(workflow, id, 'already, which was interrupted: resume that one');
    }
    return open ? open.run : stored && runOf(this.#store, stored);
  }

  #refuseClosed(): void {
    if (!this.#closing.signal.aborted) return;
    throw new UsageError('This runner is closed. Make a new one to start a run.');
  }
}
