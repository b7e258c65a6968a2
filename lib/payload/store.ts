/** Where the large values of runs are kept: one object each, named by its content. */
export interface PayloadStore {
  /**
   * Keeps it. The same name twice has the same content, so writing it again changes nothing.
   * @param prefix whose it is: 1 to 80 characters of `[0-9A-Za-z-_]`
   * @throws PayloadError 'Payload.Unavailable'
   */
  put(prefix: string, name: string, content: string): Promise<void>;
  /** null: there is none, or none that this function may read. @throws PayloadError 'Payload.Unavailable' */
  get(prefix: string, name: string): Promise<string | null>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** One store for the life of the sandbox. */
let made: { readonly place: string; readonly store: Promise<PayloadStore> } | undefined;

/**
 * The store that CLOUDGATHER_PAYLOADS names: `s3://bucket` (AWS_REGION, AWS_ACCESS_KEY_ID and the
 * others as Lambda sets them; AWS_ENDPOINT_URL_S3 for another server), or `file:///folder` on this
 * machine. null: none, and nothing is put aside.
 */
export async function payloadStoreOf(environment: Environment): Promise<PayloadStore | null> {
  const where = environment.CLOUDGATHER_PAYLOADS;
  if (!where) return null;
  const place = `${where} ${environment.AWS_ENDPOINT_URL_S3 ?? ''}`;
  if (made?.place !== place) made = { place, store: open(where, environment) };
  return made.store;
}

async function open(where: string, environment: Environment): Promise<PayloadStore> {
  if (where.startsWith('file:')) {
    const { folderStore } = await import('./folder-store.ts');
    return folderStore(new URL(where));
  }
  const { accessFrom, s3Store } = await import('./s3-store.ts');
  return s3Store(where.replace(/^s3:\/\//, ''), accessFrom(environment));
}
