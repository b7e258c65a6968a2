import type { ExecutionStatus } from '../../engine/execution.ts';
import type { ExecutionType } from '../../engine/execution-type.ts';
import type { MapRunCounts } from '../../engine/map-run/map-run.ts';
import type { JsonObject } from '../../json.ts';

/** What the service keeps, as plain data: each kind in a table of its own, under its key. */

/** A state machine. Key: its ARN. */
export interface StateMachineRecord {
  readonly arn: string;
  readonly name: string;
  readonly type: ExecutionType;
  /** Milliseconds since the epoch, as all times here. */
  readonly creationDate: number;
  /** The key of the current revision. */
  readonly revision: string;
  /** The number that the next version gets; numbers are never given twice. */
  readonly nextVersion: number;
  readonly tags: Tags;
}

/** What an update of a state machine changes. Key: `id`. */
export interface RevisionRecord {
  readonly id: string;
  /** What the API shows; the revision that a machine was created with has none. */
  readonly revisionId: string | undefined;
  readonly definition: string;
  readonly roleArn: string;
  readonly loggingConfiguration: JsonObject;
  readonly tracingConfiguration: JsonObject;
  readonly updateDate: number;
}

/** A published version. Key: its ARN. */
export interface VersionRecord {
  readonly arn: string;
  readonly machineArn: string;
  readonly number: number;
  readonly revision: string;
  readonly description: string | undefined;
  readonly creationDate: number;
}

/** Where an alias sends its executions, in percent. */
export interface Route {
  readonly stateMachineVersionArn: string;
  readonly weight: number;
}

/** An alias. Key: its ARN. */
export interface AliasRecord {
  readonly arn: string;
  readonly machineArn: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly routes: readonly Route[];
  readonly creationDate: number;
  readonly updateDate: number;
}

/** An activity. Key: its ARN. */
export interface ActivityRecord {
  readonly arn: string;
  readonly name: string;
  readonly creationDate: number;
  readonly tags: Tags;
}

/** An execution of a Standard state machine, or a child of a Map Run. Key: its ARN. */
export interface ExecutionRecord {
  readonly arn: string;
  readonly machineArn: string;
  readonly name: string;
  /** Counts up in the order of starts. */
  readonly sequence: number;
  /** The key of the revision that it runs. */
  readonly revision: string;
  readonly versionArn: string | undefined;
  readonly aliasArn: string | undefined;
  readonly mapRunArn: string | undefined;
  /** JSON text. */
  readonly input: string;
  readonly traceHeader: string | undefined;
  readonly startDate: number;
  readonly status: ExecutionStatus;
  readonly stopDate: number | undefined;
  readonly output: string | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly redriveCount: number;
  readonly redriveDate: number | undefined;
  /** The clientToken of the last redrive: the same one again is the same redrive. */
  readonly redriveToken: string | undefined;
}

/** A Map Run, as it was when it ended or its execution did. Key: its ARN. */
export interface MapRunRecord {
  readonly arn: string;
  readonly executionArn: string;
  readonly machineArn: string;
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  readonly startDate: number;
  readonly stopDate: number | undefined;
  readonly maxConcurrency: number;
  readonly toleratedFailureCount: number;
  readonly toleratedFailurePercentage: number;
  readonly counts: MapRunCounts;
}

/** Tag keys and values, in the order in which they were set. */
export type Tags = Readonly<Record<string, string>>;
