import { UsageError } from '../../errors.ts';

type Variables = Readonly<Record<string, string>>;

interface FunctionSpecBase {
  /** With `entry`: a task, called as the states of a document call it. Default: false. */
  readonly task?: boolean;
  /** Unique in the host: 'model-openai'. */
  readonly name: string;
  /** The exported handler, with dots into exported objects: 'handler', 'api.handler'. */
  readonly handler: string;
  /**
   * The function's own variables, or what makes them when the function is first started: what it is
   * told of may have to be started before. Nothing else of this process's environment reaches it.
   */
  readonly environment: Variables | (() => Promise<Variables>);
  /** The limit of one invocation: more than 0, at most 900 (Lambda's limit). */
  readonly timeoutSeconds: number;
  /**
   * The JavaScript heap that all invocations of the function share here, in MB: 128 to 10,240 as in
   * Lambda. Default: 1,024. On AWS each invocation at a time has its own. Buffers are not counted,
   * and a single object of many MB at the limit ends this process: V8 cannot fail that gently.
   */
  readonly memoryMb?: number;
}

/** A Lambda function to run on this machine: a bundle, or the module to bundle when it is needed. */
export type FunctionSpec =
  | (FunctionSpecBase & { readonly file: string; readonly entry?: undefined })
  | (FunctionSpecBase & { readonly entry: string; readonly file?: undefined });

export const DEFAULT_MEMORY_MB = 1024;

/** @throws UsageError when two functions share a name or a number is out of Lambda's range. */
export function checkFunctionSpecs(specs: readonly FunctionSpec[]): void {
  const names = new Set<string>();
  for (const { name, timeoutSeconds, memoryMb } of specs) {
    if (names.has(name)) {
      throw new UsageError(
        `Two functions are named '${name}'. A function host needs a name of its own for each.`,
      );
    }
    names.add(name);
    if (!(timeoutSeconds > 0 && timeoutSeconds <= 900)) {
      throw new UsageError(
        `The function '${name}' has timeoutSeconds ${timeoutSeconds}. Lambda allows more than 0 and at most 900.`,
      );
    }
    if (memoryMb !== undefined && !(memoryMb >= 128 && memoryMb <= 10_240)) {
      throw new UsageError(
        `The function '${name}' has memoryMb ${memoryMb}. Lambda allows 128 to 10,240.`,
      );
    }
  }
}
