import { readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { folderStore } from '../../lib/payload/folder-store.ts';
import { memoryStore } from '../../lib/payload/memory-store.ts';
import { payloadStoreOf } from '../../lib/payload/store.ts';
import { s3StandIn } from '../local/integrations/stand-ins.ts';
import { temporaryFolder } from '../local/store/temporary-folder.ts';

async function s3() {
  return payloadStoreOf({
    CLOUDGATHER_PAYLOADS: 's3://large-values',
    AWS_ENDPOINT_URL_S3: await s3StandIn('large-values'),
    AWS_ACCESS_KEY_ID: 'S3RVER',
    AWS_SECRET_ACCESS_KEY: 'S3RVER',
  });
}

const name = 'a'.repeat(64);

describe.each([
  ['in memory', async () => memoryStore()],
  ['in a folder', async () => folderStore(pathToFileURL(`${temporaryFolder()}/some where`))],
  ['in S3', s3],
])('a payload store %s', (_, open) => {
  it('gives back what it was given, to the byte', async () => {
    const store = await open();
    const content = `${'é€😀"\\\n'.repeat(40_000)} \u0000 \r\n`;
    await store!.put('run-1', name, content);
    expect(await store!.get('run-1', name)).toBe(content);
    await store!.put('run-1', name, '');
    expect(await store!.get('run-1', name)).toBe('');
  });

  it("says null of what is not there, or is another run's", async () => {
    const store = await open();
    await store!.put('run-1', name, 'x');
    expect(await store!.get('run-2', name)).toBeNull();
    expect(await store!.get('run-1', 'b'.repeat(64))).toBeNull();
  });

  it('takes the same content again, also at once', async () => {
    const store = await open();
    await Promise.all(Array.from({ length: 8 }, () => store!.put('run-1', name, 'same')));
    expect(await store!.get('run-1', name)).toBe('same');
  });
});

describe('a payload store', () => {
  it('is none where the environment names none', async () => {
    expect(await payloadStoreOf({})).toBeNull();
  });

  it('in a folder leaves no half-written file beside the whole ones', async () => {
    const folder = temporaryFolder();
    await folderStore(folder).put('run-1', name, 'x');
    expect(readdirSync(`${folder}/run-1`)).toEqual([name]);
  });

  it('fails by name where it cannot be written', async () => {
    const gone = folderStore('/dev/null/payloads');
    await expect(gone.put('run-1', name, 'x')).rejects.toMatchObject({
      name: 'Payload.Unavailable',
    });
    const nobody = await payloadStoreOf({
      CLOUDGATHER_PAYLOADS: 's3://bucket',
      AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
    });
    await expect(nobody!.put('run-1', name, 'x')).rejects.toMatchObject({
      name: 'Payload.Unavailable',
      message: expect.stringContaining('did not answer PUT'),
    });
  });
});
