export { compileWorkflow } from './asl/compile.ts';
export type { BucketNeed, CompiledWorkflow, FunctionNeed, ResourceNeed } from './asl/compiled.ts';
export {
  ApprovalNotFound,
  CloudgatherError,
  DefinitionInvalid,
  DefinitionUnsupported,
  InputInvalid,
  type InputProblem,
  LimitExceeded,
  RunConflict,
  RunNotFound,
  StepMisused,
  StepNeverAwaited,
  SymbolicValueMisused,
  UsageError,
  WorkflowInvalid,
  WorkflowNotFound,
} from './errors.ts';
export type { Json, JsonObject, JsonSchema } from './json.ts';
export type { Budget } from './model/budget/budget.ts';
export type { Limits } from './model/limiter/limits.ts';
export type { GivenPrice } from './model/prices.ts';
export type {
  Attachment,
  ContentPart,
  FilePart,
  ImagePart,
  Message,
  TextPart,
  Tool as ToolDefinition,
  ToolCall,
} from './model/request.ts';
export type { ModelResult, Price, Usage } from './model/result.ts';
export type { Approval, ApprovalAnswer } from './run/approval.ts';
export type { Run, RunEvent, RunStatus, RunStep, StepStatus } from './run/run.ts';
export type {
  FollowOptions,
  Runner,
  RunSummary,
  StartOptions,
  WatchOptions,
  WorkflowInfo,
} from './run/runner.ts';
export type { BudgetAccount, SpentBudget } from './run/spent-budget.ts';
export { isTokens, type TokenEvent } from './run/token-event.ts';
export { type Agent, type AgentOptions, agent } from './workflow/agent.ts';
export { any } from './workflow/any.ts';
export { type ApprovalOptions, type Approved, approval } from './workflow/approval.ts';
export type { Branch, Branches } from './workflow/branches.ts';
export { type CallOptions, call } from './workflow/call.ts';
export {
  and,
  type Condition,
  eq,
  exists,
  gt,
  gte,
  includes,
  lt,
  lte,
  matches,
  ne,
  not,
  or,
} from './workflow/condition.ts';
export type { Duration } from './workflow/duration.ts';
export { type BatchOptions, type EachOptions, each } from './workflow/each.ts';
export { fail } from './workflow/fail.ts';
export {
  type Gathered,
  type GatherOptions,
  gather,
  type Rejection,
  type Settled,
} from './workflow/gather.ts';
export { jsonata } from './workflow/jsonata.ts';
export {
  type Model,
  type ModelCall,
  type ModelOptions,
  type ModelResponse,
  model,
} from './workflow/model.ts';
export { type Quorate, type QuorumOptions, quorum } from './workflow/quorum.ts';
export { type RaceOptions, race, type Winner } from './workflow/race.ts';
export { type RepeatOptions, repeat } from './workflow/repeat.ts';
export type { RetryOptions } from './workflow/retry.ts';
export { fromS3, type S3Items, type S3Object, type S3Source } from './workflow/s3-items.ts';
export {
  type S3Results,
  type S3Target,
  type S3TargetOptions,
  toS3,
} from './workflow/s3-results.ts';
export type { Schema } from './workflow/schema.ts';
export { type SleepOptions, sleep } from './workflow/sleep.ts';
export type { Failure, Step } from './workflow/step.ts';
export type { Concrete, Given, Symbolic } from './workflow/symbolic.ts';
export { type Task, type TaskOptions, task } from './workflow/task.ts';
export type { Tolerate } from './workflow/tolerance.ts';
export { type Tool, type ToolOptions, tool } from './workflow/tool.ts';
export { when } from './workflow/when.ts';
export {
  isWorkflow,
  type Workflow,
  type WorkflowInput,
  type WorkflowOptions,
  type WorkflowOutput,
  workflow,
} from './workflow/workflow.ts';
