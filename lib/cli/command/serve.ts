import { UsageError } from '../../errors.ts';
import { loadAssembly } from '../../local/assembly/assembly.ts';
import { AssemblyFunctions } from '../../local/assembly/assembly-functions.ts';
import { serveMachines } from '../../local/assembly/served-machines.ts';
import { nestedExecutions } from '../../local/endpoint/nested-executions.ts';
import { sdkIntegration } from '../../local/endpoint/sdk-integration.ts';
import { serveEndpoint } from '../../local/endpoint/serve-endpoint.ts';
import type { Service } from '../../local/endpoint/service.ts';
import { createIntegrations } from '../../local/integrations/integrations.ts';
import { lambdaEndpoint } from '../../local/integrations/lambda-endpoint.ts';
import { s3Objects } from '../../local/integrations/s3-objects.ts';
import { openEndpointDatabase } from '../../local/store/endpoint-database.ts';
import { loadEnvironmentFile } from '../environment-file.ts';
import { printable } from '../format.ts';
import { onInterrupt } from '../interrupt.ts';
import { runFolder } from '../runner-choice.ts';
import type { Terminal } from '../terminal.ts';

export interface ServeOptions {
  /** 0 takes a free one. */
  readonly port: number;
  /** A server that speaks Lambda's Invoke API. Default: Lambda functions are refused. */
  readonly lambdaEndpoint?: string;
  /** The folder that `cdk synth` wrote: its machines are served, its functions run here. */
  readonly assembly?: string;
  /** The SQLite file that keeps machines and executions. Default: they end with the process. */
  readonly store?: string;
}

/**
 * `cloudgather serve`: AWS Step Functions' own protocol, on this machine only, until Ctrl-C. State
 * machines, executions and activities are kept in memory, or with `--store` in a file: the next
 * process on it goes on with what was open.
 */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<number> {
  const assembly = options.assembly === undefined ? null : openAssembly(options, terminal);
  const functions = assembly?.functions ?? functionsOf(options.lambdaEndpoint);
  const objects = s3Objects();
  const database = options.store === undefined ? undefined : openEndpointDatabase(options.store);
  const server = await serveEndpoint({
    port: options.port,
    tasks: (service) =>
      createIntegrations({
        executions: nestedExecutions(() => service),
        stepFunctions: sdkIntegration(() => service),
        ...(functions && { functions }),
      }),
    ...(objects && { objects }),
    ...(database && { store: database.store, tokenSecret: database.tokenSecret }),
    onFault: (error) => terminal.err(`${error instanceof Error ? error.stack : String(error)}\n`),
  });
  try {
    await assembly?.serve(server.endpoint.service);
    terminal.out(`${server.url}\n`);
    terminal.err(hint(server.url));
    await new Promise<void>((resolve) => {
      onInterrupt(async () => resolve());
    });
    return 0;
  } finally {
    await server.close();
    await assembly?.functions.close();
    database?.close();
  }
}

interface OpenedAssembly {
  readonly functions: AssemblyFunctions;
  /** Puts the machines into the endpoint; says which cannot be served, and why. */
  serve(service: Service): Promise<void>;
}

function openAssembly(
  { assembly: folder = '', lambdaEndpoint }: ServeOptions,
  terminal: Terminal,
): OpenedAssembly {
  if (lambdaEndpoint !== undefined) {
    throw new UsageError(
      'The command line gives both --assembly and --lambda-endpoint. Give one: the functions of an assembly run in this process.',
    );
  }
  loadEnvironmentFile();
  const assembly = loadAssembly(folder);
  const functions = new AssemblyFunctions(assembly, {
    folder: runFolder(),
    onLog: ({ function: name, text }) => terminal.err(`[${name}] ${printable(text)}\n`),
  });
  return {
    functions,
    async serve(service) {
      const unserved = await serveMachines(assembly, functions, service);
      for (const { name, reason } of unserved) {
        terminal.err(`The state machine ${name} is not served: ${reason}\n`);
      }
      const left = new Set(unserved.map(({ name }) => name));
      for (const { name, arn } of assembly.machines) {
        if (!left.has(name)) terminal.err(`${name}: ${arn}\n`);
      }
    },
  };
}

function functionsOf(url: string | undefined): ReturnType<typeof lambdaEndpoint> | undefined {
  if (url === undefined) return undefined;
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return lambdaEndpoint(url);
  throw new UsageError(
    `--lambda-endpoint must be an absolute http(s) URL, such as http://127.0.0.1:3001, but it is '${url}'.`,
  );
}

/** The SDKs put 'sync-' before the host's name for two operations, and no resolver knows that name. */
function hint(url: string): string {
  const named = url.replace('//', '//local@');
  return `For test-state and start-sync-execution: --endpoint-url ${named} (AWS CLI), disableHostPrefix: true (JavaScript).\n`;
}
