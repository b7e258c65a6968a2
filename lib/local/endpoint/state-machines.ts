import { invalidDefinitionMessage, validateDefinition } from '../../engine/definition/validate.ts';
import type { ExecutionType } from '../../engine/execution-type.ts';
import { loadMachine, type Machine } from '../../engine/machine.ts';
import type { TaskPort } from '../../engine/task/task-port.ts';
import { DefinitionInvalid, DefinitionUnsupported } from '../../errors.ts';
import { parseArn } from './arn.ts';
import type { RevisionRecord, StateMachineRecord, VersionRecord } from './records.ts';
import {
  referenceNotFound,
  ServiceError,
  stateMachineDoesNotExist,
  validationException,
} from './service-error.ts';
import type { EndpointStore } from './store.ts';

/** What an ARN that an execution is started by leads to. */
export interface Target {
  readonly machine: StateMachineRecord;
  readonly revision: RevisionRecord;
  readonly versionArn: string | undefined;
  readonly aliasArn: string | undefined;
}

/** The state machines of a store: found by ARN, compiled when first run. */
export class StateMachines {
  readonly #store: EndpointStore;
  readonly #refuse: TaskPort['refuse'];
  readonly #random: () => number;
  readonly #compiled = new Map<string, Machine>();

  constructor(store: EndpointStore, tasks: TaskPort, random: () => number) {
    this.#store = store;
    this.#refuse = (resource) => tasks.refuse(resource);
    this.#random = random;
  }

  /** The machine of an unqualified ARN. @throws ServiceError `StateMachineDoesNotExist`, `InvalidArn`. */
  find(arn: string): StateMachineRecord {
    parseArn(arn, 'stateMachine');
    const machine = this.#store.machines.get(arn);
    if (!machine) throw stateMachineDoesNotExist(arn);
    return machine;
  }

  revision(key: string): RevisionRecord {
    const revision = this.#store.revisions.get(key);
    if (!revision) throw new Error(`The store has lost the revision '${key}' of a state machine.`);
    return revision;
  }

  /** The versions of a machine, the newest first. */
  versions(machineArn: string): readonly VersionRecord[] {
    return [...this.#store.versions.all()]
      .filter((version) => version.machineArn === machineArn)
      .sort((a, b) => b.number - a.number);
  }

  /** The machine, version or alias of an ARN; an alias chooses one of its versions by weight. */
  resolve(arn: string): Target {
    parseArn(arn, 'stateMachine');
    const alias = this.#store.aliases.get(arn);
    const versionArn = alias ? this.#route(alias.routes) : arn;
    const version = this.#store.versions.get(versionArn);
    if (alias && !version) throw referenceNotFound();
    const machine = this.find(version?.machineArn ?? arn);
    return {
      machine,
      revision: this.revision(version?.revision ?? machine.revision),
      versionArn: version?.arn,
      aliasArn: alias?.arn,
    };
  }

  #route(routes: readonly { stateMachineVersionArn: string; weight: number }[]): string {
    let point = this.#random() * 100;
    for (const { stateMachineVersionArn, weight } of routes) {
      point -= weight;
      if (point < 0) return stateMachineVersionArn;
    }
    return routes.at(-1)?.stateMachineVersionArn ?? '';
  }

  /**
   * The revision, ready to run.
   * @throws ServiceError `ValidationException` that names a resource which nothing here serves.
   */
  compile(revision: RevisionRecord, type: ExecutionType): Machine {
    const known = this.#compiled.get(revision.id);
    if (known) return known;
    try {
      const machine = loadMachine(revision.definition, { type, refuse: this.#refuse });
      this.#compiled.set(revision.id, machine);
      return machine;
    } catch (error) {
      if (error instanceof DefinitionUnsupported) throw validationException(error.message);
      if (error instanceof DefinitionInvalid)
        throw new ServiceError('InvalidDefinition', error.message);
      throw error;
    }
  }
}

/** @throws ServiceError `InvalidDefinition`, in AWS's words, for what CreateStateMachine refuses. */
export function checkDefinition(definition: string, type: ExecutionType): void {
  const { result, diagnostics } = validateDefinition(definition, { type });
  if (result === 'OK') return;
  const errors = diagnostics.filter(({ severity }) => severity === 'ERROR');
  throw new ServiceError('InvalidDefinition', invalidDefinitionMessage(errors));
}
