import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileWorkflow } from '../../lib/asl/compile.ts';
import type { CompiledWorkflow } from '../../lib/asl/compiled.ts';
import { bundleFunction } from '../../lib/bundle/bundle.ts';
import { loadWorkflows } from '../../lib/local/workflow-modules.ts';
import type { Resource } from './fixtures/synthesis.ts';

/** The package ships no types. */
const aslValidator: (definition: unknown) => { isValid: boolean; errorsText(): string } =
  createRequire(import.meta.url)('asl-validator');

const run = promisify(execFile);
let folder: string;
/** The cloud assembly that the app makes by default. */
let assembly: string;
let workflows: readonly CompiledWorkflow[];

/** Runs the app as the CDK's command line does, and gives the folder of its cloud assembly. */
async function synthesize(name: string, context: Record<string, unknown> = {}): Promise<string> {
  const outdir = path.join(folder, name);
  const { context: featureFlags } = JSON.parse(await readFile('cdk.json', 'utf8'));
  await run(process.execPath, ['bin/app.ts'], {
    env: {
      // No region, no account, no credentials: an assembly must not depend on whose machine this is.
      PATH: process.env.PATH,
      CDK_OUTDIR: outdir,
      CDK_CONTEXT_JSON: JSON.stringify({ ...featureFlags, ...context }),
    },
  });
  return outdir;
}

async function resourcesOf(outdir: string, stack: string, type: string): Promise<Resource[]> {
  const template = JSON.parse(await readFile(path.join(outdir, `${stack}.template.json`), 'utf8'));
  const all: Resource[] = Object.values(template.Resources);
  return all.filter((resource) => resource.Type === type);
}

/** An environment as CloudFormation makes it, with an ARN for each reference to a state machine. */
function deployed(variables: Record<string, unknown>): Record<string, string> {
  const text = JSON.stringify(variables, (_, value) => {
    if (value?.['Fn::Join']) return value['Fn::Join'][1].map(arnOrText).join('');
    return value;
  });
  return JSON.parse(text);
}

function arnOrText(part: string | { readonly Ref: string }): string {
  if (typeof part === 'string') return part;
  return `arn:aws:states:eu-central-1:123456789012:stateMachine:${part.Ref}`;
}

/** Calls a deployed handler ('index.handler') in a process of its own, with exactly this environment. */
async function invoke(
  asset: string,
  handler: string,
  environment: Record<string, string>,
  event: object,
): Promise<{ statusCode: number; body: string }> {
  const script = `
    const [file, name, event] = process.argv.slice(1);
    const module = await import(file);
    process.stdout.write(JSON.stringify(await module[name](JSON.parse(event), {})));`;
  const [file, name] = handler.split('.');
  const { stdout } = await run(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      script,
      path.join(asset, `${file}.mjs`),
      name!,
      JSON.stringify(event),
    ],
    { env: { ...environment, LAMBDA_TASK_ROOT: asset } },
  );
  return JSON.parse(stdout);
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cloudgather-app-'));
  workflows = (await loadWorkflows('workflows')).map(compileWorkflow);
  assembly = await synthesize('default');
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the CDK app', { timeout: 60_000 }, () => {
  it('makes one stack of all workflows, with the documents that run on this machine', async () => {
    const machines = await resourcesOf(assembly, 'Cloudgather', 'AWS::StepFunctions::StateMachine');
    expect(machines.map(({ Properties }) => Properties.DefinitionString)).toEqual(
      workflows.map(({ definition }) => definition),
    );
    for (const { Properties } of machines) {
      const verdict = aslValidator(JSON.parse(Properties.DefinitionString));
      expect(verdict.isValid, verdict.errorsText()).toBe(true);
    }
  });

  it('deploys the bytes of the model function that run on this machine, under 500 KB', async () => {
    const local = await bundleFunction({ entry: 'functions/model-call.ts' });
    const functions = await resourcesOf(assembly, 'Cloudgather', 'AWS::Lambda::Function');
    const models = functions.filter(
      ({ Properties }) => Properties.Environment?.Variables.CLOUDGATHER_PROVIDER !== undefined,
    );
    expect(models.length).toBeGreaterThan(0);
    for (const { Properties } of models) {
      const asset = path.join(assembly, `asset.${Properties.Code.S3Key.replace('.zip', '')}`);
      expect(await readFile(path.join(asset, 'index.mjs'))).toEqual(await readFile(local.file));
    }
    expect((await stat(local.file)).size).toBeLessThan(500_000);
  });

  it('gives the API function what it needs to know the deployed workflows', async () => {
    const api = (await resourcesOf(assembly, 'Cloudgather', 'AWS::Lambda::Function')).find(
      ({ Properties }) => Properties.Environment?.Variables.CLOUDGATHER_STATE_MACHINES,
    )!.Properties;
    const environment = deployed(api.Environment.Variables);
    const arns = JSON.parse(environment.CLOUDGATHER_STATE_MACHINES!);
    expect(Object.keys(arns)).toEqual(workflows.map(({ name }) => name));

    const asset = path.join(assembly, `asset.${api.Code.S3Key.replace('.zip', '')}`);
    const { statusCode, body } = await invoke(asset, api.Handler, environment, {
      version: '2.0',
      rawPath: '/workflows',
      rawQueryString: '',
      headers: { host: 'abc.execute-api.eu-central-1.amazonaws.com' },
      requestContext: { http: { method: 'GET', path: '/workflows' } },
      isBase64Encoded: false,
    });
    expect(statusCode).toBe(200);
    const listed: { name: string; inputSchema: unknown }[] = JSON.parse(body).workflows;
    expect(listed.map(({ name, inputSchema }) => ({ name, inputSchema }))).toEqual(
      workflows.map(({ name, inputSchema }) => ({ name, inputSchema })),
    );
  });

  it('makes a stack for each workflow when it is asked to', async () => {
    const outdir = await synthesize('each', {
      'cloudgather:stacks': 'each',
      'cloudgather:stack': 'Staging',
    });
    for (const { name, definition } of workflows) {
      const machines = await resourcesOf(
        outdir,
        `Staging-${name}`,
        'AWS::StepFunctions::StateMachine',
      );
      expect(machines.map(({ Properties }) => Properties.DefinitionString)).toEqual([definition]);
    }
  });
});
