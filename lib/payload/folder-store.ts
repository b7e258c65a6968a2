import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { PayloadError } from '../errors.ts';
import type { PayloadStore } from './store.ts';

/** A store in a folder of this machine: `<folder>/<prefix>/<name>`, each file whole or not there. */
export function folderStore(folder: URL | string): PayloadStore {
  const root = typeof folder === 'string' ? folder : fileURLToPath(folder);
  return {
    async put(prefix, name, content) {
      const file = `${root}/${prefix}/${name}`;
      const temporary = `${file}.${randomUUID()}`;
      try {
        await mkdir(`${root}/${prefix}`, { recursive: true });
        await writeFile(temporary, content, { mode: 0o600 });
        await rename(temporary, file);
      } catch (cause) {
        throw unavailable('written to', cause);
      }
    },
    async get(prefix, name) {
      try {
        return await readFile(`${root}/${prefix}/${name}`, 'utf8');
      } catch (cause) {
        if ((cause as { code?: string }).code === 'ENOENT') return null;
        throw unavailable('read from', cause);
      }
    },
  };
}

function unavailable(what: string, cause: unknown): PayloadError {
  const { code = 'unknown' } = cause as { code?: string };
  return new PayloadError(
    'Payload.Unavailable',
    `The folder that keeps large values cannot be ${what} (${code}). Check its rights and the room on its disk.`,
    { cause },
  );
}
