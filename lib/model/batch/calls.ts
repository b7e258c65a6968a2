import type { ProviderDesk } from '../background/responses.ts';
import { ModelError } from '../errors.ts';
import { field, textField } from '../field.ts';
import { type Batch, endpoints, metadataName } from './batch.ts';
import { batchRequests } from './request.ts';

/** A batch as the provider tells of it, of whatever shape. */
export type ToldBatch = object;

/** A batch's or a file's id goes into a URL. */
const idPattern = /^[A-Za-z0-9_.-]{1,200}$/;
/** Batches of one page of the list, and the most pages that are read. */
const pageSize = 100;
const mostPages = 50;
/** The provider's clock and ours may be so far apart, in milliseconds. */
const slack = 600_000;

/** The call's file, as it is named at the provider. */
const fileName = (batch: string) => `cloudgather-${batch}.jsonl`;

/**
 * What the lane asks of a provider: OpenAI's Files and Batches, by Node's own fetch, as the background lane
 * does. Errors have the names that the sync lane gives them.
 * (API reference: "Upload file", "Create batch", "Retrieve batch", "Cancel batch", "List batch",
 * "Retrieve file content", "Delete file".)
 */
export function batchCallsOf(desk: ProviderDesk) {
  const { json, lines } = batchRequests(desk);

  /** The provider's batches of ours, the newest first, back to a time in milliseconds. */
  async function* listed(since: number): AsyncGenerator<ToldBatch> {
    let after = '';
    for (let page = 0; page < mostPages; page++) {
      const told = await json('batches', { path: `/batches?limit=${pageSize}${after}` });
      const batches = field(told, 'data');
      if (!Array.isArray(batches)) return;
      const recent = batches.filter(
        (batch) => Number(field(batch, 'created_at')) * 1000 >= since - slack,
      );
      yield* recent.filter((batch) => ourIdOf(batch) !== null);
      const last = textField(batches.at(-1), 'id');
      if (recent.length === 0 || field(told, 'has_more') !== true || last === undefined) return;
      after = `&after=${encodeURIComponent(last)}`;
    }
  }

  return {
    /** Uploads a batch's calls, and gives the file's id. @throws ModelError */
    async upload({ id, model }: Batch, parts: readonly Buffer[]): Promise<string> {
      const body = new FormData();
      body.append('purpose', 'batch');
      body.append('file', new Blob(parts as Buffer<ArrayBuffer>[]), fileName(id));
      const asked = json(model, { path: '/files', method: 'POST', body });
      return idIn(await asked.catch(noSuchThing), model);
    },

    /** Gives the calls of a file to the provider. @throws ModelError */
    async create({ id, protocol, model }: Batch, file: string): Promise<string> {
      const body = JSON.stringify({
        input_file_id: file,
        endpoint: endpoints[protocol],
        completion_window: '24h',
        metadata: { [metadataName]: id },
      });
      const asked = json(model, { path: '/batches', method: 'POST', body });
      return idIn(await asked.catch(noSuchThing), model);
    },

    /** null: the provider knows none of that id. @throws ModelError */
    async retrieve(given: string, model: string): Promise<ToldBatch | null> {
      if (!idPattern.test(given)) return null;
      return unlessGone(json(model, { path: `/batches/${given}` }), [404]);
    },

    /** Stops a batch: what is done of it still counts. @throws ModelError */
    async cancel(given: string, model: string): Promise<void> {
      // One that is over is refused with 400 or 409.
      const asked = json(model, { path: `/batches/${given}/cancel`, method: 'POST' });
      await unlessGone(asked, [400, 404, 409]);
    },

    listed,

    /** The batch that was made of this row, should the provider have one. @throws ModelError */
    async find({ id, created }: Batch): Promise<ToldBatch | null> {
      for await (const told of listed(created)) if (ourIdOf(told) === id) return told;
      return null;
    },

    /** A file, line by line; nothing where the provider has it no more. @throws ModelError */
    async *lines(file: string, model: string): AsyncGenerator<string> {
      if (!idPattern.test(file)) return;
      const content = await unlessGone(lines(model, `/files/${file}/content`), [404]);
      if (content) yield* content;
    },

    /** A file that is gone already, or that the provider does not delete, is left. @throws ModelError */
    async forget(file: string, model: string): Promise<void> {
      if (!idPattern.test(file)) return;
      const asked = json(model, { path: `/files/${file}`, method: 'DELETE' });
      await unlessGone(asked, [400, 403, 404, 405, 409, 501]);
    },
  };

  function idIn(told: object, model: string): string {
    const id = textField(told, 'id');
    if (id !== undefined && idPattern.test(id)) return id;
    const { name } = desk.provider;
    throw new ModelError(
      'Model.Unavailable',
      `${name}:${model} answered with status 200, but not with a file or a batch. The lane 'batch' takes a server with OpenAI's Files and Batches: check the base URL.`,
      { provider: name, model, status: 200 },
    );
  }
}

export type BatchCalls = ReturnType<typeof batchCallsOf>;

/** Our id of a batch that the provider tells of; null: it is not one of ours. */
export function ourIdOf(told: unknown): string | null {
  return textField(told, 'metadata', metadataName) ?? null;
}

/** A server that has no files or no batches answers as if there were no such model. */
function noSuchThing(error: unknown): never {
  if (!(error instanceof ModelError) || ![404, 405, 501].includes(error.status ?? 0)) throw error;
  const { provider, model, status } = error;
  throw new ModelError(
    'Model.Rejected',
    `${provider}:${model} was not called: the server answered with status ${status}, so that it has no files and batches in OpenAI's way. Check the base URL, or use the lane 'sync'.`,
    { provider, model, status: 404 },
  );
}

async function unlessGone<T>(asked: Promise<T>, gone: readonly number[]): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ModelError && gone.includes(error.status ?? 0)) return null;
    throw error;
  }
}
