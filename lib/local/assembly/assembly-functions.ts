import { randomUUID } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { LambdaInvocation } from '../../engine/task/lambda-invoke.ts';
import { TaskFailure } from '../../engine/task/task-port.ts';
import { DefinitionUnsupported } from '../../errors.ts';
import { FunctionError } from '../function-host/function-error.ts';
import { createFunctionHost, type FunctionHost } from '../function-host/function-host.ts';
import type { FunctionLog } from '../function-host/function-log.ts';
import { DEFAULT_MEMORY_MB, type FunctionSpec } from '../function-host/function-spec.ts';
import type { FunctionAnswer, Functions } from '../integrations/functions.ts';
import { payloadFolder } from '../run-payloads.ts';
import type { Assembly } from './assembly.ts';
import type { AssemblyFunction, FunctionCode } from './lambda-function.ts';
import { stageCode } from './staged-code.ts';

export interface AssemblyFunctionsOptions {
  /** Where code is staged, under `assets`. Default: `.cloudgather`. */
  readonly folder?: string;
  /** Hears what the functions print. Default: dropped. */
  readonly onLog?: (log: FunctionLog) => void;
  /** Where the endpoints of stand-ins are read (AWS_ENDPOINT_URL...). Default: process.env. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/**
 * The Node functions of an assembly, in worker threads of this process. A name, an ARN and an ARN with
 * a version or alias mean the same function, for there is one code of each.
 *
 * A function gets its own environment. Where `environment` names endpoints of AWS services
 * (AWS_ENDPOINT_URL...), it gets those and the credentials with them; where not, it gets no
 * credentials, so that nothing reaches a real account by accident.
 */
export class AssemblyFunctions implements Functions {
  readonly #options: AssemblyFunctionsOptions;
  readonly #assembly: Assembly;
  readonly #byName: ReadonlyMap<string, AssemblyFunction>;
  readonly #hosts = new Map<string, Promise<FunctionHost>>();
  #closed = false;

  constructor(assembly: Assembly, options: AssemblyFunctionsOptions = {}) {
    this.#options = options;
    this.#assembly = assembly;
    this.#byName = new Map(assembly.functions.map((each) => [each.name, each]));
  }

  refuse(functionName: string): string | undefined {
    const name = nameOf(functionName);
    const found = this.#byName.get(name);
    if (found) return found.refusal;
    const names = [...this.#byName.keys()].join(', ');
    return `The function ${name} is not in the assembly ${this.#assembly.folder}. ${names ? `Its functions are: ${names}.` : 'It has no functions.'}`;
  }

  /** Starts functions before they are called. @throws DefinitionUnsupported, UsageError, FunctionError */
  async prepare(functionNames: readonly string[]): Promise<void> {
    for (const name of functionNames) {
      const reason = this.refuse(name);
      if (reason !== undefined) throw new DefinitionUnsupported(reason);
    }
    const names = functionNames.map((each) => nameOf(each));
    await Promise.all(
      names.map(async (name) => (await this.#host(name, this.#code(name))).prewarm([name])),
    );
  }

  async invoke(invocation: LambdaInvocation, signal: AbortSignal): Promise<FunctionAnswer> {
    const name = nameOf(invocation.functionName);
    const reason = this.refuse(name);
    if (reason !== undefined) throw new TaskFailure('Lambda.ResourceNotFoundException', reason);
    const requestId = randomUUID();
    const answer = { requestId, executedVersion: '$LATEST' };
    const host = await this.#host(name, this.#code(name));
    if (invocation.invocationType === 'Event') {
      // Nobody waits for it, and nobody hears of its failure: so has Lambda it.
      void host.invoke(name, invocation.payload, { requestId }).catch(() => undefined);
      return { ...answer, payload: '', statusCode: 202 };
    }
    try {
      const payload = await host.invoke(name, invocation.payload, { requestId, signal });
      return { ...answer, payload, statusCode: 200 };
    } catch (error) {
      if (error instanceof FunctionError) throw new TaskFailure(error.errorType, error.cause);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    const hosts = await Promise.allSettled(this.#hosts.values());
    await Promise.all(hosts.map((host) => host.status === 'fulfilled' && host.value.close()));
  }

  #code(name: string): FunctionCode {
    return this.#byName.get(name)?.code as FunctionCode;
  }

  /** A host for each function: an assembly may hold many, and a run calls few of them. */
  #host(name: string, code: FunctionCode): Promise<FunctionHost> {
    const known = this.#hosts.get(name);
    if (known && !this.#closed) return known;
    const hosting = this.#startHost(name, code);
    this.#hosts.set(name, hosting);
    hosting.catch(() => this.#hosts.delete(name));
    return hosting;
  }

  async #startHost(name: string, code: FunctionCode): Promise<FunctionHost> {
    if (this.#closed) throw new DOMException('The functions were closed.', 'AbortError');
    const { folder = '.cloudgather', onLog } = this.#options;
    const file = await stageCode(name, code, folder);
    return createFunctionHost({
      functions: [this.#spec(name, code, file)],
      ...(onLog ? { onLog } : {}),
    });
  }

  #spec(name: string, code: FunctionCode, file: string): FunctionSpec {
    const region = this.#byName.get(name)?.arn.split(':')[3] ?? '';
    return {
      name,
      file,
      handler: code.handler,
      timeoutSeconds: code.timeoutSeconds,
      // In Lambda each invocation at a time has that much; here all of a function's share it.
      memoryMb: Math.max(code.memoryMb, DEFAULT_MEMORY_MB),
      environment: {
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(code.memoryMb),
        ...standIns(this.#options.environment ?? process.env),
        ...code.environment,
        ...payloadsHere(code.environment, this.#options.folder ?? '.cloudgather'),
      },
    };
  }
}

/** 'stock' of 'stock', 'stock:live', '123456789012:function:stock' and any ARN of it. */
function nameOf(functionName: string): string {
  const after = functionName.split(':function:').at(-1) ?? functionName;
  return after.replace(/^function:/, '').split(':')[0] ?? after;
}

const credentials = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/** What functions of ours put aside stays on this machine: a bucket of the assembly is not there. */
function payloadsHere(
  environment: Readonly<Record<string, string>>,
  folder: string,
): Record<string, string> {
  if (environment.CLOUDGATHER_PAYLOADS === undefined) return {};
  return { CLOUDGATHER_PAYLOADS: pathToFileURL(payloadFolder(folder)).href };
}

function standIns(environment: Readonly<Record<string, string | undefined>>) {
  const entries = Object.entries(environment).filter(([, value]) => value !== undefined);
  const endpoints = entries.filter(([name]) => name.startsWith('AWS_ENDPOINT_URL'));
  if (endpoints.length === 0) return {};
  const keys = entries.filter(([name]) => credentials.includes(name));
  return Object.fromEntries([...endpoints, ...keys]) as Record<string, string>;
}
