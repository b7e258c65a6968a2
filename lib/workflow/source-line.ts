const library = new URL('..', import.meta.url);

/**
 * Where the user's code is that called into Cloudgather: 'workflows/01-panel.ts:12', or null where the
 * stack has no such frame. Node strips types in place, so the line is the source's own.
 */
export function sourceLine(): string | null {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  const frames = (new Error().stack ?? '').split('\n').slice(1);
  Error.stackTraceLimit = limit;
  for (const frame of frames) {
    const found = /\(?((?:file:\/\/)?\/[^()]*?):(\d+):\d+\)?$/.exec(frame.trim());
    if (!found?.[1]) continue;
    const path = found[1].startsWith('file://') ? new URL(found[1]).pathname : found[1];
    if (path.startsWith(library.pathname) || path.includes('/node_modules/')) continue;
    return `${relativeToProject(decodeURI(path))}:${found[2]}`;
  }
  return null;
}

function relativeToProject(path: string): string {
  const root = `${process.cwd()}/`;
  return path.startsWith(root) ? path.slice(root.length) : path;
}
