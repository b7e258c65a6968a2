import { CloudgatherError } from '../errors.ts';
import { splitPlaceholders } from '../workflow/placeholder.ts';
import type { Step } from '../workflow/step.ts';
import { hasFixedWidth, itself, symbolicInfo } from '../workflow/symbolic-value.ts';
import { isStep } from '../workflow/value.ts';
import { isWorkflow } from '../workflow/workflow.ts';
import { advice } from './advice.ts';
import type { Session } from './session.ts';
import type { Site, SiteKind } from './site.ts';

/**
 * What rewritten modules call, under one name (see rewrite.ts). Each takes the number of its site and
 * gives JavaScript what goes on from there: the value itself where that does no harm, or something
 * plain, so that tracing goes on and finds what else is wrong.
 */
let session: Session | undefined;

/** The check that the probes tell; undefined takes it away. */
export function tell(to: Session | undefined): void {
  session = to;
}

/** Looks at a value and gives it back. */
export function looked<T>(index: number, value: T): T {
  const site = session?.reach(index);
  if (site) judge(site, value);
  return value;
}

/** The operand of an operator that would throw: 0 instead. */
export function operand(index: number, value: unknown): unknown {
  const site = session?.reach(index);
  return site && judge(site, value) && typeof value !== 'string' ? 0 : value;
}

/** What is spread into an object, or asked for its keys: {} instead. */
export function spread(index: number, value: unknown): unknown {
  const site = session?.reach(index);
  return site && !hasFixedWidth(value) && judge(site, value) ? {} : value;
}

/** What is iterated: its first element instead, so that a loop's body is traced once. */
export function iterated(index: number, value: unknown): unknown {
  return destructured(index, 1, value);
}

/** What is taken apart as a list: as many of its elements as are asked for. */
export function destructured(index: number, width: number, value: unknown): unknown {
  const site = session?.reach(index);
  if (!site || hasFixedWidth(value) || !judge(site, value) || typeof value === 'string')
    return value;
  const elements = value as { readonly [index: number]: unknown };
  return Array.from({ length: site.kind === 'spread' ? 0 : width }, (_, at) => elements[at]);
}

/** A test that is passed to filter, some, find and the like. */
export function tested(index: number, test: (value: unknown) => unknown): typeof test {
  return (value) => test(looked(index, value));
}

/** The property that leads a destructuring pattern to what it takes apart. */
export const whole = itself;

/** Looks at what a pattern with defaults takes apart; the key leads nowhere. */
export function defaulted(index: number, value: unknown): symbol {
  looked(index, value);
  return nowhere;
}

const nowhere = Symbol('nowhere');

/** The second: `x ??= y` is looked at, and then done. */
export function second<T>(_first: unknown, value: T): T {
  return value;
}

/** What the module awaits at its top: a workflow that cannot be traced leaves the others in the module be. */
export async function defined(index: number, value: unknown): Promise<unknown> {
  const site = session?.reach(index);
  if (!session || !site) return value;
  try {
    const given = await value;
    if (isWorkflow(given)) session.define(given, site);
    return given;
  } catch (error) {
    if (!(error instanceof CloudgatherError)) throw error;
    session.fail(error, site);
    return session.broken(site);
  }
}

/** Tells what is wrong with the value at the site; whether something is. */
function judge(site: Site, value: unknown): boolean {
  const subject = subjectOf(site.kind, value);
  if (!subject || site.kind === 'definition') return false;
  const { used, effect, instead } = advice[site.kind];
  const before = isStep(value) && site.kind !== 'try' ? ' before it is awaited' : '';
  session?.report(
    site,
    `${subject} is ${used.replace('{}', site.word)}${before}, but it is known only when the workflow runs: ${effect}. ${instead}`,
  );
  return true;
}

function subjectOf(kind: SiteKind, value: unknown): string | null {
  if (kind === 'length' && hasFixedWidth(value)) return null;
  const info = symbolicInfo(value);
  // A method of a symbolic value refuses by itself; a field may have a method's name.
  if (info) return kind === 'try' || kind === 'text' ? null : `The value '${info.text}'`;
  if (isStep(value)) return ofSteps.has(kind) ? `The ${(value as Step<unknown>).title}` : null;
  if (typeof value !== 'string' || !ofTexts.has(kind)) return null;
  const parts = splitPlaceholders(value);
  const first = parts?.find((part) => typeof part !== 'string');
  if (!parts || typeof first !== 'object') return null;
  // Text with a fixed part is never empty: that is known now.
  if (ofTruth.has(kind) && parts.some((part) => typeof part === 'string')) return null;
  return `The text that holds '${first.text}'`;
}

const ofTruth: ReadonlySet<SiteKind> = new Set(['if', 'loop', '?:', '!', '&&', '||']);
const ofTexts: ReadonlySet<SiteKind> = new Set<SiteKind>([
  ...ofTruth,
  'comparison',
  'order',
  'switch',
  'key',
  'iteration',
  'spread',
  'length',
  'text',
  'argument',
]);
const ofSteps: ReadonlySet<SiteKind> = new Set<SiteKind>([
  ...ofTruth,
  '??',
  'comparison',
  'absence',
  'order',
  'arithmetic',
  'switch',
  'typeof',
  '?.',
  'length',
  'argument',
  'try',
]);
