/** One object of a listing, with the fields that a Map over an S3 listing gives to its items. */
export interface StoredObject {
  readonly Key: string;
  readonly Size: number;
  readonly Etag: string;
  /** Seconds since the epoch. */
  readonly LastModified: number;
  readonly StorageClass: string;
}

/** Where a Distributed Map reads its items and writes its results: S3, or what stands in for it. */
export interface ObjectStore {
  /** All objects whose key starts with `prefix`, in key order. Rejects when there is no such bucket. */
  list(bucket: string, prefix: string): Promise<readonly StoredObject[]>;
  /** The object's bytes. Rejects when there is none. */
  get(bucket: string, key: string): Promise<Uint8Array>;
  put(bucket: string, key: string, body: Uint8Array): Promise<void>;
}
