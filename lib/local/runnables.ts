import { loadMachine, type Machine } from '../engine/machine.ts';
import { DefinitionUnsupported, WorkflowNotFound } from '../errors.ts';
import type { WorkflowInfo } from '../run/runner.ts';
import { calledFunctions } from './assembly/called-functions.ts';
import type { Runnable } from './runnable.ts';
import type { StoredProgram } from './store/stored-run.ts';
import { runnableWorkflow } from './workflow-functions.ts';

/** What a runner can run, by name, and the machines that it has loaded of them. */
export class Runnables {
  readonly #byName: ReadonlyMap<string, Runnable>;
  readonly #refuse: (resource: string) => string | undefined;
  readonly #machines = new Map<string, Machine>();

  /** @param refuse why a task's resource is not served, in a full sentence; undefined when it is */
  constructor(runnables: readonly Runnable[], refuse: (resource: string) => string | undefined) {
    this.#byName = new Map(runnables.map((each) => [each.name, each]));
    this.#refuse = refuse;
  }

  get infos(): readonly WorkflowInfo[] {
    return [...this.#byName.values()].map(({ name, description, inputSchema }) => ({
      name,
      description,
      inputSchema,
    }));
  }

  /** @throws WorkflowNotFound */
  named(name: string): Runnable {
    const found = this.#byName.get(name);
    if (found) return found;
    const known = [...this.#byName.keys()].join(', ');
    throw new WorkflowNotFound(
      `There is no workflow '${name}'. ${known ? `The workflows are: ${known}.` : 'There are no workflows.'}`,
    );
  }

  /** What a run of that name was started with, whatever the workflow is today. @throws WorkflowNotFound */
  startedWith(name: string, program: StoredProgram): Runnable {
    const current = this.named(name);
    if ('workflow' in program) return runnableWorkflow(program.workflow);
    const { definition } = program.assembly;
    return { ...current, program, definition, functions: calledFunctions(definition) };
  }

  /** @throws WorkflowNotFound where a workflow that it calls, be it through another one, is not here */
  checkCalled(runnable: Runnable, seen: Set<string> = new Set()): void {
    seen.add(runnable.name);
    for (const need of runnable.resources ?? []) {
      if (need.kind !== 'workflow' || seen.has(need.workflow)) continue;
      this.checkCalled(this.named(need.workflow), seen);
    }
  }

  /** @throws DefinitionInvalid, DefinitionUnsupported */
  machine({ definition, type, refusal }: Runnable): Machine {
    if (refusal !== undefined) throw new DefinitionUnsupported(refusal);
    const known = this.#machines.get(definition);
    if (known) return known;
    const machine = loadMachine(definition, { type, refuse: this.#refuse });
    this.#machines.set(definition, machine);
    return machine;
  }
}
