import type { CompiledWorkflow } from '../../asl/compiled.ts';
import type { RunStatus } from '../../run/run.ts';

/**
 * What a run runs, kept beside it: a run that is resumed or redriven goes on with the document that it
 * was started with, whatever became of the workflow since. Its functions' code is today's.
 */
export type StoredProgram =
  | { readonly workflow: CompiledWorkflow }
  | {
      readonly assembly: {
        /** The folder of the cloud assembly, as it was given. */
        readonly folder: string;
        readonly machine: string;
        readonly definition: string;
        readonly definitionHash: string;
      };
    };

export interface NewRun {
  readonly workflow: string;
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
  /** JSON text. */
  readonly input: string;
  readonly program: StoredProgram;
  /** The lease under which the run goes on. */
  readonly owner: string;
}

/** A run as its row tells it; its events stand beside it. */
export interface StoredRun {
  readonly key: number;
  readonly workflow: string;
  readonly id: string;
  readonly status: RunStatus;
  readonly started: number;
  readonly stopped: number | null;
  readonly input: string;
  /** The hash that the program is kept under. */
  readonly program: string;
  /** Null for a closed run. */
  readonly owner: string | null;
}

/** A run was taken up again, after an event, by another process. */
export interface Resume {
  readonly after: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
}
