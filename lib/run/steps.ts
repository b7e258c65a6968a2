import type { Price, Usage } from '../model/result.ts';
import { noUsage } from '../model/usage.ts';
import type { RunStep } from './run.ts';
import { addPrice, addUsage, type Spend } from './spend.ts';

/**
 * The steps of one run while they happen. Each change replaces a step, so that a step once given
 * away never changes. Times are milliseconds since the epoch.
 */
export class Steps {
  /** In order of entry, as a Map keeps it. */
  readonly #byId = new Map<number, RunStep>();
  readonly #open = new Set<number>();
  usage: Usage = noUsage;
  price: Price | null = null;
  hasItems = false;

  get(id: number | null): RunStep | undefined {
    return id === null ? undefined : this.#byId.get(id);
  }

  list(): RunStep[] {
    return [...this.#byId.values()];
  }

  /** True while a step is neither done nor given up. */
  isOpen(id: number | null): boolean {
    return id !== null && this.#open.has(id);
  }

  enter(step: Pick<RunStep, 'id' | 'name' | 'kind' | 'parent' | 'item'>, time: number): void {
    this.#reopen(step.parent);
    this.#set({
      ...step,
      status: 'WAITING',
      startedAt: new Date(time).toISOString(),
      stoppedAt: null,
      attempts: 0,
      usage: null,
      price: null,
      model: null,
      error: null,
    });
  }

  /** Takes a step back that turned out to be none. */
  forget(id: number | null): void {
    if (id === null) return;
    this.#byId.delete(id);
    this.#open.delete(id);
  }

  /** Another call of the function, or another start of a gather; opens a step that was redriven. */
  attempt(id: number | null, status: 'WAITING' | 'RUNNING'): void {
    const step = this.get(id);
    if (!step) return;
    this.#reopen(step.parent);
    this.#set({ ...step, status, stoppedAt: null, attempts: step.attempts + 1 });
  }

  /** The step asks a person. */
  asks(id: number | null): void {
    const step = this.get(id);
    if (step) this.#set({ ...step, kind: 'approval' });
  }

  /** The call was made, and the step waits for what comes back to its task token. */
  park(id: number | null): void {
    const step = this.get(id);
    if (!step || !this.isOpen(id)) return;
    const waitsFor = step.kind === 'approval' ? 'approval' : 'callback';
    this.#set({ ...step, status: 'WAITING', waitsFor });
  }

  run(id: number | null): void {
    const step = this.get(id);
    if (step && this.isOpen(id)) this.#set({ ...step, status: 'RUNNING' });
  }

  /** The step waits for an execution of its own. */
  execute(id: number | null, execution: string | undefined): void {
    const step = this.get(id);
    if (step && execution !== undefined) this.#set({ ...step, execution });
  }

  /** The step's items are executions of their own. */
  runsItems(id: number | null, mapRun: unknown): void {
    const step = this.get(id);
    if (!step || typeof mapRun !== 'string') return;
    this.hasItems = true;
    this.#set({ ...step, mapRuns: [...(step.mapRuns ?? []), mapRun] });
  }

  /** A failed attempt: whether it is retried, caught or the end is told by a later event. */
  fail(id: number | null, error: RunStep['error'], spend: Spend | null = null): void {
    const step = this.get(id);
    if (!step || !this.isOpen(id)) return;
    this.#set({ ...step, status: 'RETRYING', error });
    this.#pay(id, spend);
  }

  /**
   * A call that was put off: no failure, and no attempt. It is made again in its turn. What an answer
   * before the refusal used (the repair of it was refused) is paid all the same.
   */
  defer(id: number | null, spend: Spend | null = null): void {
    const step = this.get(id);
    if (!step || !this.isOpen(id)) return;
    const deferrals = (step.deferrals ?? 0) + 1;
    this.#set({ ...step, status: 'WAITING', attempts: step.attempts - 1, deferrals });
    this.#pay(id, spend);
  }

  /** The function answered; the state has not left yet. */
  answer(id: number | null, spend: Spend | null): void {
    const step = this.get(id);
    if (!step || !this.isOpen(id)) return;
    this.#set({ ...step, status: 'RUNNING' });
    this.#pay(id, spend);
  }

  /** Counts what an attempt used, also one that failed: to the step and to the run. */
  #pay(id: number | null, spend: Spend | null): void {
    const step = this.get(id);
    if (!step || !spend) return;
    this.#set({
      ...step,
      usage: addUsage(step.usage ?? noUsage, spend.usage),
      price: addPrice(step.price, spend.price),
      model: spend.model ?? step.model,
      ...(spend.reused ? { reused: true } : {}),
    });
    this.usage = addUsage(this.usage, spend.usage);
    this.price = addPrice(this.price, spend.price);
  }

  close(id: number | null, status: 'SUCCEEDED' | 'FAILED' | 'ABORTED', time: number): void {
    const step = this.get(id);
    if (step) this.#set({ ...step, status, stoppedAt: new Date(time).toISOString() });
  }

  /** Names the failure of a step that has none of its own yet. */
  blame(id: number | null, error: RunStep['error']): void {
    const step = this.get(id);
    if (step && !step.error) this.#set({ ...step, error });
  }

  /** Ends every open step inside a gather; null is the whole run. */
  abortInside(gather: number | null, time: number): void {
    for (const id of [...this.#open]) {
      if (this.#isInside(id, gather)) this.close(id, 'ABORTED', time);
    }
  }

  /** A redrive goes on inside of gathers that had failed, and does not start them again. */
  #reopen(gather: number | null): void {
    for (let step = this.get(gather); step && !this.isOpen(step.id); step = this.get(step.parent)) {
      this.#set({ ...step, status: 'RUNNING', stoppedAt: null });
    }
  }

  #isInside(id: number, gather: number | null): boolean {
    if (gather === null) return true;
    for (let at = this.get(id); at; at = this.get(at.parent)) {
      if (at.parent === gather) return true;
    }
    return false;
  }

  #set({ waitsFor, ...rest }: RunStep): void {
    const parked = rest.status === 'WAITING' && waitsFor !== undefined;
    const step: RunStep = parked ? { ...rest, waitsFor } : rest;
    this.#byId.set(step.id, step);
    if (step.stoppedAt === null) this.#open.add(step.id);
    else this.#open.delete(step.id);
  }
}
