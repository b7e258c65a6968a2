import type { Json } from '../json.ts';
import { lineageOf } from '../run-name.ts';
import { bytesOf, type Part, partsOf } from './part.ts';
import { type Payload, payloadOf, referenceSize, tagOf, writeReference } from './reference.ts';
import { fullShare } from './share.ts';
import type { PayloadStore } from './store.ts';

/** How large a step's result may be in the run's data, as the document says it. */
export interface Allowance {
  /** The execution's name. */
  readonly run: string;
  /** Bytes of JSON. Default: `fullShare`. */
  readonly share?: number;
  /**
   * Parts that the document's own expressions look into, as JSON Pointers; `*` is any element. They are
   * never put aside: a condition that saw a reference would be wrong and nobody would know.
   */
  readonly keep?: readonly string[];
}

/** More texts than this are put aside with the list or the object that holds them. */
const mostTexts = 16;

/**
 * The value, small enough for its share: its largest texts, and if that is not enough its largest lists
 * and objects, go into the store, and references stand in their place. What is small enough is given
 * back as it is, and the store is not asked for. Where nothing more can be put aside, or there is no
 * store, the value stays larger than its share, and Step Functions' own limit holds.
 *
 * @throws PayloadError 'Payload.Unavailable'
 */
export async function offloadPayloads(
  value: Json,
  { run, share = fullShare, keep = [] }: Allowance,
  open: () => Promise<PayloadStore | null>,
): Promise<Json> {
  const text = JSON.stringify(value);
  // A character is three bytes of UTF-8 at most.
  if (text === undefined || text.length * 3 <= share || Buffer.byteLength(text) <= share) {
    return value;
  }
  const store = await open();
  if (store === null) return value;
  const prefix = lineageOf(run);
  const root = partsOf(JSON.parse(text) as Json, keep);
  const chosen = chosenParts(root, share);
  const tag = tagOf(prefix);
  const written = new Map<Part, string>();
  const payloads = chosen.map((part): Payload => {
    const payload = payloadOf(part.value, tag);
    written.set(part, writeReference(payload, share));
    return payload;
  });
  await Promise.all(
    payloads.map(({ reference, content }) => store.put(prefix, reference.sha256, content)),
  );
  return withReferences(root, written);
}

/** What to put aside: texts, largest first, where that is enough and they are few; else what holds them. */
function chosenParts(root: Part, share: number): readonly Part[] {
  const cost = referenceSize(share);
  const excess = bytesOf(root) - share;
  const texts: Part[] = [];
  collect(root, (part) => {
    if (typeof part.value === 'string' && !part.isKept && bytesOf(part) > 2 * cost)
      texts.push(part);
  });
  texts.sort((a, b) => bytesOf(b) - bytesOf(a));
  let saved = 0;
  const enough = texts.findIndex((part) => {
    saved += bytesOf(part) - cost;
    return saved >= excess;
  });
  if (enough !== -1 && enough < mostTexts) return texts.slice(0, enough + 1);
  return chosenTrees(root, excess, cost);
}

/** Lists and objects, and texts beside them: each time the largest, as deep in the value as may be. */
function chosenTrees(root: Part, excess: number, cost: number): readonly Part[] {
  const chosen = new Set<Part>();
  let left = excess;
  while (left > 0) {
    const part = deepest(root, chosen, cost);
    if (part === null) break;
    left -= remaining(part, chosen, cost) - cost;
    for (const inner of chosen) if (isInside(inner, part)) chosen.delete(inner);
    chosen.add(part);
  }
  return [...chosen];
}

/**
 * From the root to the child that holds most, as long as it holds half of what its parent does: the
 * names above stay to be read by, and what goes is one list, one object or one text.
 */
function deepest(root: Part, chosen: ReadonlySet<Part>, cost: number): Part | null {
  let best: Part | null = null;
  let at: Part | undefined = root;
  while (at && !chosen.has(at)) {
    const size = remaining(at, chosen, cost);
    if (size <= 2 * cost) break;
    if (!at.isKept && !at.holdsKept) best = at;
    const open: Part[] = at.children.filter((child) => !chosen.has(child) && !isWhollyKept(child));
    const next: Part | undefined = open.reduce<Part | undefined>(
      (most, child) =>
        most && remaining(most, chosen, cost) >= remaining(child, chosen, cost) ? most : child,
      undefined,
    );
    // Above what is kept there is no choice but to go deeper.
    if (best && next && remaining(next, chosen, cost) * 2 < size) break;
    at = next;
  }
  return best;
}

function isWhollyKept(part: Part): boolean {
  return part.isKept && part.children.every(isWhollyKept);
}

/** Bytes of a part when what was chosen inside it is gone. */
function remaining(part: Part, chosen: ReadonlySet<Part>, cost: number): number {
  if (chosen.size === 0) return bytesOf(part);
  let gone = 0;
  for (const inner of chosen) if (isInside(inner, part)) gone += bytesOf(inner) - cost;
  return bytesOf(part) - gone;
}

function isInside(part: Part, outer: Part): boolean {
  for (let at = part.parent; at; at = at.parent) if (at === outer) return true;
  return false;
}

function collect(part: Part, visit: (part: Part) => void): void {
  visit(part);
  for (const child of part.children) collect(child, visit);
}

function withReferences(part: Part, written: ReadonlyMap<Part, string>): Json {
  const reference = written.get(part);
  if (reference !== undefined) return reference;
  if (part.children.length === 0) return part.value;
  const inside = part.children.map((child) => withReferences(child, written));
  if (Array.isArray(part.value)) return inside;
  return Object.fromEntries(part.children.map(({ key }, index) => [key, inside[index] ?? null]));
}
