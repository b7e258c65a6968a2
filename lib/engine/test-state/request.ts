import { CloudgatherError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Variables } from '../variables.ts';

/**
 * How much of the state's data flow is told: INFO nothing, DEBUG all of it, TRACE also the request and
 * the response of an HTTP task.
 */
export type InspectionLevel = 'INFO' | 'DEBUG' | 'TRACE';

/** What stands in for a Task's call, or for the run of a Map or a Parallel. One of the two is given. */
export interface Mock {
  readonly result?: Json | undefined;
  readonly errorOutput?:
    | { readonly error?: string | undefined; readonly cause?: string | undefined }
    | undefined;
}

/** What the test supposes to have happened before, or inside the state. */
export interface StateConfiguration {
  /** How often the retrier that takes the error has been used. Default: 0. */
  readonly retrierRetryCount?: number | undefined;
  /** The state inside a Map or a Parallel that the mocked error comes from. */
  readonly errorCausedByState?: string | undefined;
  /** How many iterations of a Map have failed. Default: 0. */
  readonly mapIterationFailureCount?: number | undefined;
  /** The items that a Distributed Map's ItemReader has read. */
  readonly mapItemReaderData?: Json | undefined;
}

/** One state to be tested by itself. (AWS: TestState.) */
export interface TestStateRequest {
  /** A state, or a state machine of which `stateName` names one; as JSON text. */
  readonly definition: string;
  readonly stateName?: string | undefined;
  /** Default: `{}`. */
  readonly input?: Json | undefined;
  readonly roleArn?: string | undefined;
  /** Default: 'INFO'. */
  readonly inspectionLevel?: InspectionLevel | undefined;
  /** Whether TRACE shows what a connection adds to an HTTP task's request. Default: false. */
  readonly revealSecrets?: boolean | undefined;
  readonly mock?: Mock | undefined;
  /** The context object as the state shall see it. Default: one of an Express execution. */
  readonly context?: JsonObject | undefined;
  readonly variables?: Variables | undefined;
  readonly stateConfiguration?: StateConfiguration | undefined;
}

/** What came of the state. */
export interface TestStateResult {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  readonly nextState?: string;
  readonly inspectionData?: InspectionData;
}

/** The data on its way through the state, as far as it came. */
export interface InspectionData {
  readonly input: Json;
  readonly afterInputPath?: Json;
  readonly afterParameters?: Json;
  readonly afterArguments?: Json;
  readonly afterItemsPath?: Json;
  readonly afterItemSelector?: Json;
  readonly maxConcurrency?: number;
  readonly toleratedFailureCount?: number;
  readonly toleratedFailurePercentage?: number;
  readonly result?: Json;
  readonly afterResultSelector?: Json;
  readonly afterResultPath?: Json;
  readonly errorDetails?: ErrorDetails;
  /** Of an HTTP task, at level TRACE. Headers are JSON text. */
  readonly request?: Readonly<Record<string, string>>;
  readonly response?: Readonly<Record<string, string>>;
  /** The variables after the state. */
  readonly variables?: Json;
}

/** Which retrier or catcher took the error. */
export interface ErrorDetails {
  readonly retryIndex?: number;
  /** Absent where the retrier has no attempts left. */
  readonly retryBackoffIntervalSeconds?: number;
  readonly catchIndex?: number;
}

/** A test was refused before the state ran; `name` is AWS's error name. */
export class TestStateRefused extends CloudgatherError {
  constructor(name: 'InvalidDefinition' | 'ValidationException', message: string) {
    super(name, message);
  }
}

/** @throws TestStateRefused for a mock that AWS does not take, in its words. */
export function checkMock(state: JsonObject, mock: Mock | undefined): void {
  const type = String(state.Type);
  if (!mock) {
    if (type !== 'Map' && type !== 'Parallel') return;
    throw new TestStateRefused(
      'InvalidDefinition',
      'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
    );
  }
  const { result, errorOutput } = mock;
  if (result !== undefined && errorOutput !== undefined)
    throw refused(
      'A test mock should have only one of the following fields: [result, errorOutput].',
    );
  if (!MOCKED.has(type))
    throw refused(`State type '${type}' is not supported when a mock is specified`);
  if (result !== undefined) checkResult(type, state, result);
}

const MOCKED: ReadonlySet<string> = new Set(['Task', 'Map', 'Parallel']);

function checkResult(type: string, state: JsonObject, result: Json): void {
  if (type === 'Task') return;
  if (type === 'Map' && state.ResultWriter !== undefined) {
    if (typeof result !== 'object' || result === null || Array.isArray(result))
      throw refused('Mocked result must be a JSON object.');
    return;
  }
  if (!Array.isArray(result)) throw refused('Mocked result must be an array.');
  const branches = state.Branches;
  if (type === 'Parallel' && Array.isArray(branches) && branches.length !== result.length)
    throw refused(
      'Mocked result must contain the same number of items as number of Parallel branches.',
    );
}

export function refused(message: string): TestStateRefused {
  return new TestStateRefused('ValidationException', message);
}
