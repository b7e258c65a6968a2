import type { ResourceNeed } from '../asl/compiled.ts';
import type { ExecutionType } from '../engine/execution-type.ts';
import type { HistoryEvent } from '../engine/history/event.ts';
import type { ObjectStore } from '../engine/object-store.ts';
import type { TaskPort } from '../engine/task/task-port.ts';
import type { JsonSchema } from '../json.ts';
import type { Piece } from '../model/stream/piece.ts';
import type { WorkflowInfo } from '../run/runner.ts';
import type { TokenDesk } from './door/token-desk.ts';
import type { StoredProgram } from './store/stored-run.ts';

/** A state machine that can be run on this machine. */
export interface Runnable extends WorkflowInfo {
  readonly inputSchema: JsonSchema;
  /** The document, every ARN in its place. */
  readonly definition: string;
  readonly type: ExecutionType;
  /** The functions to start before the run, by their names. */
  readonly functions: readonly string[];
  /** What it needs besides functions. Default: nothing. */
  readonly resources?: readonly ResourceNeed[] | undefined;
  /** What is kept beside each of its runs. */
  readonly program: StoredProgram;
  /** Why it cannot be run here, in a full sentence. */
  readonly refusal?: string | undefined;
}

/** What a supply needs to be called back: by its functions, and by people and services outside. */
export interface CallbackTerms {
  readonly desk: TokenDesk;
  /** What links to this machine are signed with; the same for every process of the run store. */
  readonly linkSecret: () => string;
  /** Told where this process is called back, once it is. */
  readonly opened: (url: string) => void;
}

/** What serves the tasks of runnables, and what stands behind it: workers, servers. */
export interface TaskSupply {
  readonly tasks: TaskPort;
  /** Where Distributed Maps read and write. Default: a state that needs it fails. */
  readonly objects?: ObjectStore | undefined;
  /** Told, before any run, who hears the text of model calls while it comes. */
  tellTo?(hear: (piece: Piece) => void): void;
  /** Whether the tasks may start runs of the runner's own workflows. Default: no. */
  readonly nests?: boolean;
  /** Told, before any run, who takes the answers to task tokens. */
  answerTo?(terms: CallbackTerms): void;
  /**
   * Starts what the runnable needs, so that a fault in a function's code stops no run midway.
   * @throws UsageError; DefinitionUnsupported for one that cannot be run here
   */
  prepare(runnable: Runnable): Promise<void>;
  /**
   * Is told what a run, or a Distributed Map's child of it, has done in an earlier process: whatever
   * the supply keeps in memory is made from that again, before the run goes on. Told of the same
   * events again, it changes nothing.
   */
  restore?(events: readonly HistoryEvent[]): Promise<void>;
  close(): Promise<void>;
}
