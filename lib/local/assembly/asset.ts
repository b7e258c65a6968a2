import path from 'node:path';

/** A file or folder that the CDK would upload. */
export interface AssetFile {
  /** Where it is on this machine. */
  readonly path: string;
  /** 'zip': a folder that would be packed; 'file': a file, uploaded as it is. */
  readonly packaging: string;
}

export interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source?: { readonly path?: string; readonly packaging?: string };
        readonly destinations?: Readonly<Record<string, { readonly objectKey?: string }>>;
      }
    >
  >;
}

/** The assets of a manifest, by the key that each has in any of its buckets. */
export function* readAssets(
  folder: string,
  manifest: AssetManifest,
): Iterable<[string, AssetFile]> {
  for (const { source, destinations = {} } of Object.values(manifest.files ?? {})) {
    if (source?.path === undefined) continue;
    const file = { path: path.resolve(folder, source.path), packaging: source.packaging ?? 'file' };
    for (const { objectKey } of Object.values(destinations)) {
      if (objectKey !== undefined) yield [objectKey, file];
    }
  }
}
