import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { bucketFolder } from '../../lib/local/bucket-folder.ts';
import { temporaryFolder } from './store/temporary-folder.ts';

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

describe('buckets as a folder', () => {
  it('reads the file that the key names', async () => {
    const store = bucketFolder(folderWith({ 'tickets/in/a.json': '[1]' }));
    expect(Buffer.from(await store.get('tickets', 'in/a.json')).toString()).toBe('[1]');
  });

  it('lists the keys with a prefix in the order of their bytes, with their sizes', async () => {
    const files = {
      'b-1/in/b': 'x',
      'b-1/in/a/c': 'xyz',
      'b-1/in/Z': '',
      'b-1/inn': '',
      'b-2/in/d': '',
    };
    const listed = await bucketFolder(folderWith(files)).list('b-1', 'in/');
    expect(listed.map(({ Key, Size }) => [Key, Size])).toEqual([
      ['in/Z', 0],
      ['in/a/c', 3],
      ['in/b', 1],
    ]);
    const now = Date.now() / 1000;
    for (const { LastModified } of listed) expect(Math.abs(LastModified - now)).toBeLessThan(60);
  });

  it('writes a file whole, over an older one, and leaves no draft', async () => {
    const folder = folderWith({});
    const store = bucketFolder(folder);
    const bodies = Array.from({ length: 20 }, (_, at) => `${at}`.repeat(50_000));
    await Promise.all(bodies.map((body) => store.put('out', 'runs/1.json', Buffer.from(body))));
    expect(bodies).toContain(readFileSync(path.join(folder, 'out/runs/1.json'), 'utf8'));
    expect(readdirSync(folder)).toEqual(['out']);
  });

  it('fails naming the file where there is no such object', async () => {
    const folder = folderWith({ 'tickets/a/b': '' });
    const store = bucketFolder(folder);
    const file = path.join(folder, 'tickets/no.json');
    await expect(store.get('tickets', 'no.json')).rejects.toThrow(
      `There is no object 'no.json' in the bucket 'tickets' on this machine: the file ${file} is not there.`,
    );
    await expect(store.get('tickets', 'a')).rejects.toThrow("There is no object 'a'");
    await expect(store.list('none', '')).rejects.toThrow("There is no bucket 'none'");
  });

  it.each(['../other/a', '/etc/passwd', 'a/../../b', './a', 'a//b', 'a/', 'a\\..\\b', 'a\0', ''])(
    'rejects the key %j, which would lead out of its folder or into none',
    async (key) => {
      const store = bucketFolder(folderWith({ 'other/a': 'secret', 'tickets/b': '' }));
      await expect(store.get('tickets', key)).rejects.toThrow('cannot be kept as a file');
      await expect(store.put('tickets', key, Buffer.from(''))).rejects.toThrow(
        'cannot be kept as a file',
      );
    },
  );

  it.each(['..', '.', '.draft-1', 'a/b', 'UP', 'ab'])('rejects the bucket %j', async (bucket) => {
    const store = bucketFolder(folderWith({}));
    await expect(store.list(bucket, '')).rejects.toThrow('cannot be one');
    await expect(store.get(bucket, 'a')).rejects.toThrow('cannot be one');
  });

  it('does not list what is no file', async () => {
    const folder = folderWith({ 'tickets/a': '' });
    symlinkSync('/', path.join(folder, 'tickets/root'));
    expect((await bucketFolder(folder).list('tickets', '')).map(({ Key }) => Key)).toEqual(['a']);
  });
});
