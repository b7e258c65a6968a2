import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CompiledWorkflow } from '../asl/compiled.ts';
import { createCloudRunner } from '../cloud/cloud-runner.ts';
import { UsageError } from '../errors.ts';
import type { Manifest } from '../run/manifest.ts';
import type { Runner } from '../run/runner.ts';

export interface CloudChoice {
  readonly region?: string;
  /** The file that `cdk deploy` writes its outputs to. Default: `.cloudgather/outputs.json`. */
  readonly outputs?: string;
  /** The stack's name, where the file holds several. */
  readonly stack?: string;
}

/** A runner over the deployed state machines of these workflows. @throws UsageError */
export async function openCloudRunner(
  workflows: readonly CompiledWorkflow[],
  choice: CloudChoice,
): Promise<Runner> {
  const file = path.resolve(choice.outputs ?? path.join('.cloudgather', 'outputs.json'));
  const outputs = await readOutputs(file);
  const arns = stateMachines(outputs, choice.stack, file);
  const tables = outputsOf(outputs, 'TokenTable');
  const buckets = outputsOf(outputs, 'PayloadBucket');
  const manifest: Manifest = {
    version: 1,
    workflows: workflows.map(({ name, description, inputSchema, definitionHash }) => {
      const stateMachineArn = arns[name];
      if (stateMachineArn === undefined) {
        const known = Object.keys(arns).join(', ') || 'none';
        throw new UsageError(
          `The workflow '${name}' is not deployed, by what ${path.relative('', file)} says (deployed: ${known}). Deploy it with 'npx cdk deploy'.`,
        );
      }
      const tokenTable = tables[stateMachineArn];
      const payloadBucket = buckets[stateMachineArn];
      const deployed = {
        stateMachineArn,
        ...(tokenTable ? { tokenTable } : {}),
        ...(payloadBucket ? { payloadBucket } : {}),
      };
      return { name, description, inputSchema, definitionHash, ...deployed };
    }),
  };
  const region = choice.region ?? regionOf(manifest);
  return createCloudRunner({ manifest, ...(region === undefined ? {} : { region }) });
}

type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

async function readOutputs(file: string): Promise<Outputs> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Outputs;
  } catch (cause) {
    throw new UsageError(
      `The deployment's outputs cannot be read from ${path.relative('', file)}. ` +
        "'npx cdk deploy' writes that file; deploy first, or copy the file here, or name it with --outputs.",
      { cause },
    );
  }
}

/** Workflow name to state machine ARN, of one stack or, where no name is given, of all. */
function stateMachines(
  outputs: Outputs,
  stack: string | undefined,
  file: string,
): Readonly<Record<string, string>> {
  const stacks = stack === undefined ? Object.values(outputs) : [outputs[stack] ?? {}];
  const texts = stacks.map((each) => each.StateMachines).filter((text) => text !== undefined);
  if (texts.length === 0) {
    throw new UsageError(
      `${path.relative('', file)} names no state machines${stack === undefined ? '' : ` of a stack '${stack}'`}; it holds the stacks: ${Object.keys(outputs).join(', ') || 'none'}.`,
    );
  }
  return Object.assign({}, ...texts.map((text) => JSON.parse(text) as object));
}

/** State machine ARN to what its stack says under that name. */
function outputsOf(
  outputs: Outputs,
  name: 'TokenTable' | 'PayloadBucket',
): Readonly<Record<string, string>> {
  const entries = Object.values(outputs).flatMap(({ StateMachines = '{}', [name]: value }) => {
    const arns = Object.values(JSON.parse(StateMachines) as Record<string, string>);
    return value === undefined ? [] : arns.map((arn) => [arn, value] as const);
  });
  return Object.fromEntries(entries);
}

/** The region that the machines are in, so that none need be configured. */
function regionOf(manifest: Manifest): string | undefined {
  return manifest.workflows[0]?.stateMachineArn?.split(':')[3];
}
