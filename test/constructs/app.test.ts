import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadWorkflows } from '../../bin/workflow-modules.ts';
import { compileWorkflow } from '../../lib/asl/compile.ts';
import type { CompiledWorkflow } from '../../lib/asl/compiled.ts';
import { bundleFunction } from '../../lib/bundle/bundle.ts';
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
      ({ Properties }) => Properties.Environment.Variables.CLOUDGATHER_PROVIDER !== undefined,
    );
    expect(models.length).toBeGreaterThan(0);
    for (const { Properties } of models) {
      const asset = path.join(assembly, `asset.${Properties.Code.S3Key.replace('.zip', '')}`);
      expect(await readFile(path.join(asset, 'index.mjs'))).toEqual(await readFile(local.file));
    }
    expect((await stat(local.file)).size).toBeLessThan(500 * 1024);
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
