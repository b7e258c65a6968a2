export { realClock } from '../engine/clock/real-clock.ts';
export { VirtualClock, type VirtualClockOptions } from '../engine/clock/virtual-clock.ts';
export { ModelError, type ModelErrorName } from '../model/errors.ts';
export type { ModelRequest, ToolCall } from '../model/request.ts';
export type { ModelResult } from '../model/result.ts';
export { CassetteMiss, recordCassette, replayCassette } from './cassette.ts';
export { liveModel } from './live-model.ts';
export { matchers } from './matchers.ts';
export {
  type ProviderMeter,
  type ProviderOptions,
  startProvider,
  type TestProvider,
  type WireFault,
} from './provider.ts';
export type { Divergence } from './replay/divergence.ts';
export { type Replay, type ReplayOptions, replayExecution } from './replay/replay-execution.ts';
export {
  type CallSite,
  type Script,
  scriptedModel,
  type TestModel,
} from './scripted-model.ts';
export { type Range, seededRandom } from './seeded-random.ts';
export {
  type TaskHandler,
  type TestCall,
  type TestRun,
  type TestRunOptions,
  testRun,
} from './test-run.ts';
export { type BucketLimits, TokenBucket } from './token-bucket.ts';
