import type { Construct } from 'constructs';
import type { TaskFunctionNeed } from '../asl/compiled.ts';
import { LiveFunction } from './live-function.ts';
import type { PayloadBucket } from './payload-bucket.ts';

export interface TaskFunctionProps {
  readonly need: TaskFunctionNeed;
  /** The folder of the task's bundle. */
  readonly bundle: string;
  /** Default: nothing is put aside. */
  readonly payloads?: PayloadBucket | undefined;
}

/**
 * One task's handler, called with its author's input alone (lib/payload). It may write its log, and put
 * large values aside; `allow` gives further rights.
 */
export class TaskFunction extends LiveFunction {
  constructor(scope: Construct, id: string, { need, bundle, payloads }: TaskFunctionProps) {
    super(scope, id, {
      description: `Task ${need.entry}`,
      bundle,
      handler: `index.cloudgather.${need.handler}`,
      timeoutSeconds: need.timeoutSeconds,
      ...(payloads === undefined ? {} : { environment: { CLOUDGATHER_PAYLOADS: payloads.url } }),
    });
    payloads?.letUse(this);
  }
}
