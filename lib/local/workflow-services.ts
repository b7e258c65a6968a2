import type { UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { ResourceNeed } from '../asl/compiled.ts';
import type { HistoryEvent } from '../engine/history/event.ts';
import type { TaskCall, TaskPort } from '../engine/task/task-port.ts';
import { createIntegrations } from './integrations/integrations.ts';
import { LocalRunTable, type TableEnvironment } from './run-table/local-run-table.ts';
import { pastUpdates } from './run-table/past-updates.ts';

/** Makes again what one concept keeps in memory, from what a run did in an earlier process. */
type Restorer = (events: readonly HistoryEvent[]) => Promise<void>;

/**
 * What serves the tasks of compiled workflows that are no functions, and what stands behind it.
 * Loaded when a document first names a service, since it brings AWS clients and a table with it.
 */
export class WorkflowServices {
  readonly #environment: Record<string, string> = {};
  readonly #tasks: TaskPort = createIntegrations({ environment: this.#environment });
  readonly #restorers: readonly Restorer[] = [(events) => this.#restoreTable(events)];
  #table: Promise<LocalRunTable> | undefined;
  #restored: Promise<unknown> = Promise.resolve();

  /** Starts what the resources need. */
  async prepare(resources: readonly ResourceNeed[]): Promise<void> {
    if (resources.some(({ kind }) => kind === 'table')) await this.table();
  }

  /** Starts the run table, unless it runs. @returns the variables by which a client finds it */
  async table(): Promise<TableEnvironment> {
    this.#table ??= LocalRunTable.start();
    const { environment } = await this.#table;
    Object.assign(this.#environment, environment);
    return environment;
  }

  async run(call: TaskCall): Promise<string> {
    await this.#restored;
    return this.#tasks.run(call);
  }

  /** Every call that comes after waits until it is done. */
  restore(events: readonly HistoryEvent[]): Promise<void> {
    const restoring = this.#restored.then(async () => {
      for (const restorer of this.#restorers) await restorer(events);
    });
    this.#restored = restoring.catch(() => undefined);
    return restoring;
  }

  async close(): Promise<void> {
    const table = await this.#table?.catch(() => undefined);
    await table?.close();
  }

  async #restoreTable(events: readonly HistoryEvent[]): Promise<void> {
    const table = await this.#table;
    if (!table) return;
    for (const update of pastUpdates(events)) {
      await table.repeat(update as unknown as UpdateItemCommandInput);
    }
  }
}
