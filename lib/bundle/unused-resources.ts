import { basename } from 'node:path';
import type { Plugin } from 'esbuild';

/** Folders of the openai package's `resources`, and the class that each one gives to the client. */
const unused: Readonly<Record<string, string>> = {
  admin: 'Admin',
  beta: 'Beta',
  containers: 'Containers',
  evals: 'Evals',
  'fine-tuning': 'FineTuning',
  skills: 'Skills',
  'vector-stores': 'VectorStores',
};

/**
 * Leaves out of a bundle what the openai package's client makes for itself and no model call uses: its
 * constructor makes an instance of every resource, so that nothing can be shaken off, and a fourth of
 * the bundle would be the administration of accounts and a beta. In their place stands an empty class.
 * The name tells the cache which ones.
 */
export const unusedResources: Plugin = {
  name: `without openai's ${Object.keys(unused).join(', ')}`,
  setup(build) {
    const files = Object.keys(unused).map((folder) => `${folder}[\\\\/]${folder}`);
    const filter = new RegExp(`[\\\\/]openai[\\\\/]resources[\\\\/](${files.join('|')})\\.mjs$`);
    build.onLoad({ filter }, ({ path }) => {
      const folder = basename(path, '.mjs');
      return { contents: `export class ${unused[folder]} {}`, loader: 'js' };
    });
  },
};
