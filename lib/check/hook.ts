import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { tell } from './probes.ts';
import { probesName } from './probing.ts';
import { rewrite } from './rewrite.ts';
import type { Session } from './session.ts';

const library = fileURLToPath(new URL('..', import.meta.url));
const probes = new URL('./probes.ts', import.meta.url).href;

/**
 * From now on the project's own modules (below the current folder; not packages, not this library) are
 * loaded with probes in them, which tell the session. A module that was loaded before stays as it is.
 * Returns the function that takes the hook away again; what was loaded then tells nobody.
 */
export function watchModules(session: Session): () => void {
  tell(session);
  const hook = registerHooks({
    load(url, context, nextLoad) {
      const file = projectFile(url);
      if (file === null) return nextLoad(url, context);
      // First, since Node tells less of a syntax error.
      const edits = rewrite(readFileSync(new URL(url), 'utf8'), file, session.sites);
      const loaded = nextLoad(url, context);
      if (!loaded.format?.startsWith('module')) return loaded;
      session.modules.set(file, edits);
      return {
        ...loaded,
        source: `${edits.apply()}\nimport * as ${probesName} from '${probes}';\n`,
      };
    },
  });
  return () => {
    hook.deregister();
    tell(undefined);
  };
}

/** The module's path from the project's root, or null where it is none of the project's, or no TypeScript or JavaScript. */
function projectFile(url: string): string | null {
  if (!/^file:.*\.m?[jt]s$/.test(url)) return null;
  const full = fileURLToPath(url);
  const file = path.relative('', full);
  if (file.startsWith('..') || path.isAbsolute(file)) return null;
  if (full.startsWith(library) || full.includes(`${path.sep}node_modules${path.sep}`)) return null;
  return file.split(path.sep).join('/');
}
