import type { JsonObject } from '../../json.ts';
import type { DataFlow } from '../data-flow.ts';
import type { ExecutionType } from '../execution-type.ts';
import type { PastVisit } from '../history/past.ts';
import type { Strand } from '../strand.ts';

export type QueryLanguage = 'JSONPath' | 'JSONata';

/** A compiled state: made once per machine, shared by all executions. */
export interface State {
  readonly name: string;
  readonly type: string;
  /** The state that follows; undefined at the end of its branch, and for Choice, Succeed and Fail. */
  readonly next: string | undefined;
  /** 'TaskStateEntered'. */
  readonly enteredType: string;
  /** 'TaskStateExited'. */
  readonly exitedType: string;
  /** Does the state's work, its StateEntered event being recorded. Ends in `strand.exit` or `fail`. */
  execute(strand: Strand): void;
  /** Goes on with a visit that an earlier process began and did not end. Default: as `execute`. */
  resume?(strand: Strand, past: PastVisit): void;
  /** The state failed. Default: the branch fails. */
  failed?(strand: Strand, failure: Failure): void;
  /** Which state follows a visit that has exited already; needed where `next` does not say it. */
  nextAfter?(strand: Strand, past: PastVisit): string | undefined | Promise<string | undefined>;
}

/** Why a state failed, as Retry, Catch and the history see it. */
export interface Failure {
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** It comes from a branch or an iteration of the state, not from the state itself. */
  readonly fromBranch?: boolean;
}

/** The states of a machine, of a branch or of an item processor. */
export interface Program {
  readonly startAt: string;
  readonly states: ReadonlyMap<string, State>;
}

/** What compiling a state needs to know of its surroundings. */
export interface CompileContext {
  readonly type: ExecutionType;
  readonly language: QueryLanguage;
  /** The data flows of the machine so far, by their definitions. */
  readonly flows: Map<string, DataFlow>;
  /** Records that `resource` is used, and whether anybody serves it. */
  use(resource: string, state: string): void;
  compileProgram(definition: JsonObject, context: CompileContext): Program;
}

/** A state's definition: what validation has found to be an object with a Type. */
export type StateDefinition = JsonObject;
