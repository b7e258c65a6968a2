import type { SourcePosition } from '../errors.ts';

const library = new URL('..', import.meta.url);

/**
 * Where the user's code is that called into Cloudgather, or null where the stack has no such frame.
 * Node strips types in place, so line and column are the source's own.
 */
export function sourcePosition(): SourcePosition | null {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 30;
  const { stack } = new Error();
  Error.stackTraceLimit = limit;
  return firstUserFrame(stack);
}

/** The first frame of an error's stack that is neither the library's nor a package's. */
export function firstUserFrame(stack: string | undefined): SourcePosition | null {
  for (const frame of (stack ?? '').split('\n').slice(1)) {
    const found = /[\s(]((?:file:\/\/)?\/[^()]*?):(\d+):(\d+)\)?$/.exec(frame.trim());
    if (!found?.[1]) continue;
    const path = found[1].startsWith('file://') ? new URL(found[1]).pathname : found[1];
    if (path.startsWith(library.pathname) || path.includes('/node_modules/')) continue;
    return {
      file: relativeToProject(decodeURI(path)),
      line: Number(found[2]),
      column: Number(found[3]),
    };
  }
  return null;
}

/** ' (workflows/01-panel.ts:12)' for messages, or '' where the place is not known. */
export function inParentheses(position: SourcePosition | null): string {
  return position ? ` (${position.file}:${position.line})` : '';
}

function relativeToProject(path: string): string {
  const root = `${process.cwd()}/`;
  return path.startsWith(root) ? path.slice(root.length) : path;
}
