import { type Protocol, protocolOf } from '../protocol.ts';
import type { Provider } from '../providers.ts';
import type { ModelRequest } from '../request.ts';

/** What a batch's calls are, in the provider's words. */
export const endpoints: Readonly<Record<Protocol, string>> = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
};

/**
 * A batch without the provider's id that is older was lost between its row and the id: the function that
 * made it has ended, for none runs so long. In milliseconds.
 */
export const lostAfter = 360_000;

/** Calls that are given to a provider together: plain data, a row of the table. */
export interface Batch {
  /** Ours. It is in the provider's metadata of the batch. */
  readonly id: string;
  /** The provider's; absent until it has told it. */
  readonly given?: string;
  /** The provider's id of the file of its calls, where it was noted: it is deleted in the end. */
  readonly file?: string;
  readonly protocol: Protocol;
  readonly model: string;
  /** When its jobs were begun to be claimed, in milliseconds since the epoch. */
  readonly created: number;
  /** Ids of jobs. One is in the batch that says so itself: before it is given, some are only to be. */
  readonly jobs: readonly string[];
  /**
   * Ids of jobs that may have been claimed for it, and are not in its file: the table could not be
   * reached. They are released by the first look.
   */
  readonly strays?: readonly string[];
  /** The provider was told to stop. */
  readonly cancelled?: true;
  /** Its file has calls that are in no row of this table: others may want its results. */
  readonly shared?: true;
}

/** What calls must have in common to be in one batch: OpenAI takes one endpoint and one model for each file. */
export type Crowd = Pick<Batch, 'protocol' | 'model'>;

export function crowdOf(request: ModelRequest, provider: Provider): Crowd {
  return { protocol: protocolOf(request, provider), model: request.model };
}

/** The name in a batch's metadata, which the provider gives back with it. */
export const metadataName = 'cloudgather_batch';

/** A call's name in its batch's files: which attempt of which job. At most 64 characters. */
export function customId(id: string, attempt: number): string {
  return `${id}.${attempt}`;
}

/** null: it is none of ours. */
export function namedBy(custom: string): { readonly id: string; readonly attempt: number } | null {
  const [, id, attempt] = /^([\w-]{1,50})\.(\d{1,3})$/.exec(custom) ?? [];
  return id === undefined ? null : { id, attempt: Number(attempt) };
}

/** Of which call a line of an input file of ours is; null: of none of ours. */
export function namedInLine(line: string): ReturnType<typeof namedBy> {
  return namedBy(/^\{"custom_id":"([^"]+)"/.exec(line)?.[1] ?? '');
}
