import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Json, JsonObject } from '../../json.ts';
import type { AssetFile } from './asset.ts';
import type { Stack } from './stack.ts';
import type { Resource } from './template.ts';
import { attempt, Unresolved } from './unresolved.ts';

/** A Lambda function of an assembly: what it takes to run it here, or why it cannot be run here. */
export interface AssemblyFunction {
  /** Its physical name; unique in the assembly. */
  readonly name: string;
  readonly logicalId: string;
  readonly stack: string;
  readonly arn: string;
  /** A full sentence. Undefined for a function that can be run. */
  readonly refusal: string | undefined;
  readonly code: FunctionCode | undefined;
}

/** Where the code of a Node function is, and how it is called. */
export interface FunctionCode {
  /** A folder of the assembly, or the text of an inline function. */
  readonly source: { readonly folder: string } | { readonly text: string };
  /** Names the source's content: two functions with one hash have the same code. */
  readonly hash: string;
  /** The module, without its ending: 'index', 'dist/app'. */
  readonly module: string;
  /** The exported handler, with dots into exported objects. */
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
}

/** CloudFormation's defaults (AWS::Lambda::Function: Timeout, MemorySize). */
const defaultTimeout = 3;
const defaultMemory = 128;

export function readFunction(
  stack: Stack,
  logicalId: string,
  resource: Resource,
): AssemblyFunction {
  const { name, region, account } = stack.physical(logicalId, resource);
  const read = attempt(() => readCode(stack, resource));
  const title = `The function ${name} (${logicalId} in ${stack.stackName}) cannot be run here`;
  return {
    name,
    logicalId,
    stack: stack.stackName,
    arn: `arn:aws:lambda:${region}:${account}:function:${name}`,
    refusal: 'reason' in read ? `${title}. ${read.reason}` : undefined,
    code: 'reason' in read ? undefined : read.value,
  };
}

/** @throws Unresolved with the reason why the function cannot be run here */
function readCode(stack: Stack, resource: Resource): FunctionCode {
  const property = (name: string): Json | undefined => stack.property(resource, name);
  if (property('PackageType') === 'Image') throw new Unresolved('Its code is a Docker image.');
  const runtime = String(property('Runtime') ?? '');
  if (!/^nodejs\d+\.x$/.test(runtime)) {
    throw new Unresolved(
      `Its runtime is ${runtime || 'not told'}; Node.js functions are run here.`,
    );
  }
  const layers = property('Layers');
  if (Array.isArray(layers) && layers.length > 0) throw new Unresolved('It uses layers.');
  const [module, handler] = splitHandler(String(property('Handler') ?? ''));
  return {
    ...readSource(stack, (property('Code') ?? {}) as JsonObject),
    module,
    handler,
    environment: readEnvironment(stack, resource),
    timeoutSeconds: Number(property('Timeout') ?? defaultTimeout),
    memoryMb: Number(property('MemorySize') ?? defaultMemory),
  };
}

/** 'dist/app.api.handler' is the export 'api.handler' of the module 'dist/app'. */
function splitHandler(text: string): readonly [module: string, handler: string] {
  const match = /^((?:.*\/)?[^/.]+)\.(.+)$/.exec(text);
  if (match) return [match[1] as string, match[2] as string];
  throw new Unresolved(`Its handler is '${text}'; Lambda calls 'module.export'.`);
}

function readSource(
  stack: Stack,
  code: JsonObject,
): { readonly source: FunctionCode['source']; readonly hash: string } {
  if (typeof code.ZipFile === 'string') {
    const text = code.ZipFile;
    return { source: { text }, hash: createHash('sha256').update(text).digest('hex') };
  }
  const asset = typeof code.S3Key === 'string' ? stack.asset(code.S3Key) : undefined;
  if (!asset) throw new Unresolved('Its code is no asset of this assembly: it lies in a bucket.');
  return { source: { folder: folderOf(asset) }, hash: path.basename(asset.path) };
}

function folderOf({ path: folder }: AssetFile): string {
  if (!existsSync(folder)) {
    throw new Unresolved(
      `Its code is not in the assembly: there is no ${path.relative('', folder)}. Synthesize it again, with bundling.`,
    );
  }
  if (statSync(folder).isDirectory()) return folder;
  throw new Unresolved(
    `Its code is packed already: ${path.basename(folder)}. Folders are run here.`,
  );
}

/** A value that only a deployment knows is told by its variable, since the function would miss it. */
function readEnvironment(stack: Stack, resource: Resource): Record<string, string> {
  const { Variables = {} } = (resource.Properties?.Environment ?? {}) as { Variables?: JsonObject };
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(Variables)) {
    const read = attempt(() => stack.resolve(value));
    if ('reason' in read) {
      throw new Unresolved(`Its environment variable ${name} has no value here: ${read.reason}`);
    }
    if (read.value === undefined) continue;
    environment[name] = checkStatic(name, String(read.value));
  }
  return environment;
}

function checkStatic(name: string, value: string): string {
  if (!value.includes('{{resolve:')) return value;
  throw new Unresolved(
    `Its environment variable ${name} is a dynamic reference, which CloudFormation resolves.`,
  );
}
