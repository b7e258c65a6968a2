import type { Path } from '../workflow/graph.ts';

/** The run's input, where it is counted among the nodes. */
export const runInputNode = 0;

/** The run's name; an execution of its own has another one, and is passed this one. */
export const runNameNode = -10;

/**
 * Which parts of which values the states read from variables, and which parts of its input a machine's
 * first state reads. The compiler writes it while it builds the states from the last to the first;
 * what is in it is what is assigned and passed, and nothing else.
 */
export class Ledger {
  readonly #reads = new Map<string, Entry>();
  readonly #requests = new Map<string, Entry>();

  /** Values in the order of their nodes, with the parts that are read from variables. */
  get variables(): readonly Entry[] {
    return [...this.#reads.values()].sort((a, b) => a.node - b.node || a.frame - b.frame);
  }

  /** @param frame the machine whose first state assigns the variable; 0: the state of the node does */
  noteRead(frame: number, node: number, path: Path): void {
    note(this.#reads, frame, node, path);
  }

  /** A part of a value that the machine's input has to hold. */
  noteRequest(frame: number, node: number, path: Path): void {
    note(this.#requests, frame, node, path);
  }

  reads(frame: number, node: number): readonly Path[] {
    return outermost(this.#reads.get(keyOf(frame, node))?.paths ?? []);
  }

  requests(frame: number): readonly Entry[] {
    return [...this.#requests.values()].filter((entry) => entry.frame === frame);
  }

  /** Equal for two passes that read the same. */
  get fingerprint(): string {
    return JSON.stringify([[...this.#reads], [...this.#requests]]);
  }
}

export interface Entry {
  readonly frame: number;
  readonly node: number;
  readonly paths: readonly Path[];
}

function keyOf(frame: number, node: number): string {
  return `${frame}:${node}`;
}

function note(book: Map<string, Entry>, frame: number, node: number, path: Path): void {
  const known = book.get(keyOf(frame, node))?.paths ?? [];
  if (known.some((each) => JSON.stringify(each) === JSON.stringify(path))) return;
  book.set(keyOf(frame, node), { frame, node, paths: [...known, path] });
}

/** The paths that are inside no other: `plan` covers `plan.queries`. In order of noting. */
export function outermost(paths: readonly Path[]): readonly Path[] {
  return paths.filter(
    (path) => !paths.some((other) => other.length < path.length && isPrefix(other, path)),
  );
}

export function isPrefix(prefix: Path, path: Path): boolean {
  return prefix.every((key, index) => key === path[index]);
}
