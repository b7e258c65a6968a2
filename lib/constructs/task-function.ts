import type { Construct } from 'constructs';
import type { TaskFunctionNeed } from '../asl/compiled.ts';
import { LiveFunction } from './live-function.ts';

export interface TaskFunctionProps {
  readonly need: TaskFunctionNeed;
  /** The folder of the task's bundle. */
  readonly bundle: string;
}

/** One task's handler, as its author wrote it. It may write its log; `allow` gives further rights. */
export class TaskFunction extends LiveFunction {
  constructor(scope: Construct, id: string, { need, bundle }: TaskFunctionProps) {
    super(scope, id, {
      description: `Task ${need.entry}`,
      bundle,
      handler: `index.${need.handler}`,
      timeoutSeconds: need.timeoutSeconds,
    });
  }
}
