import type { PayloadStore } from './store.ts';

/** A store that ends with this process. */
export function memoryStore(): PayloadStore {
  const kept = new Map<string, string>();
  return {
    async put(prefix, name, content) {
      kept.set(`${prefix}/${name}`, content);
    },
    async get(prefix, name) {
      return kept.get(`${prefix}/${name}`) ?? null;
    },
  };
}
