import { readFileSync } from 'node:fs';
import path from 'node:path';
import { UsageError } from '../../errors.ts';
import { type AssetFile, readAssets } from './asset.ts';
import type { Template } from './template.ts';

/** A stack as the assembly describes it, before anything in it is resolved. */
export interface StackArtifact {
  readonly name: string;
  readonly region: string;
  readonly account: string;
  readonly template: Template;
  /** Where the assembly keeps this stack's files. */
  readonly folder: string;
  /** By the key that the file would have in the bucket of assets. */
  readonly assets: ReadonlyMap<string, AssetFile>;
  /** Values that the app gave to the template's parameters. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** Where a stack plays that names no account or region. */
export interface Place {
  readonly account: string;
  readonly region: string;
}

interface Manifest {
  readonly artifacts?: Readonly<Record<string, Artifact>>;
}

interface Artifact {
  readonly type?: string;
  /** 'aws://123456789012/eu-west-1', either part possibly 'unknown-...'. */
  readonly environment?: string;
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly file?: string;
    readonly directoryName?: string;
  };
}

/**
 * Every stack of a cloud assembly (`cdk.out`), those of its stages included.
 * @throws UsageError when the folder is none, or a file in it cannot be read
 */
export function readManifest(folder: string, place: Place): StackArtifact[] {
  const { artifacts = {} } = readJson<Manifest>(folder, 'manifest.json');
  const all = Object.entries(artifacts);
  const assets = new Map(
    all.flatMap(([, { type, properties }]) =>
      type === 'cdk:asset-manifest' && properties?.file !== undefined
        ? [...readAssets(folder, readJson(folder, properties.file))]
        : [],
    ),
  );
  return all.flatMap(([id, artifact]) => {
    const { type, properties = {}, environment = '' } = artifact;
    if (type === 'cdk:cloud-assembly' && properties.directoryName !== undefined) {
      return readManifest(path.join(folder, properties.directoryName), place);
    }
    if (type !== 'aws:cloudformation:stack' || properties.templateFile === undefined) return [];
    const [account = '', region = ''] = environment.replace('aws://', '').split('/');
    const stack: StackArtifact = {
      name: properties.stackName ?? id,
      account: /^\d+$/.test(account) ? account : place.account,
      region: region === '' || region.startsWith('unknown') ? place.region : region,
      template: readJson<Template>(folder, properties.templateFile),
      folder,
      assets,
      parameters: properties.parameters ?? {},
    };
    return [stack];
  });
}

/** @throws UsageError */
export function readJson<T>(folder: string, file: string): T {
  const full = path.join(folder, file);
  try {
    return JSON.parse(readFileSync(full, 'utf8')) as T;
  } catch (cause) {
    const why = cause instanceof SyntaxError ? 'is not JSON' : 'cannot be read';
    throw new UsageError(
      `The cloud assembly in ${folder} is not whole: ${file} ${why}. Name the folder that 'cdk synth' wrote, usually cdk.out.`,
      { cause },
    );
  }
}
