import type { Sum, Tally } from './soak/account.ts';
import { type BackgroundTally, soakBackground } from './soak/background-lane.ts';
import { type BatchTally, soakBatch } from './soak/batch-lane.ts';
import { backgroundFaults, batchFaults, batchFaultsBy, syncFaults } from './soak/faults.ts';
import { soakSync } from './soak/sync-lane.ts';

/**
 * The soak: 10,000 model calls against providers that fail in every way there is, each fault by itself and
 * mixed, drawn by a seed. Nothing may be lost, nothing counted twice, every outcome has a name, and the
 * tokens of our accounts are those of the provider's book. Virtual time; see bench/soak/.
 * Run: `npx node bench/soak.ts [calls] [seed]`.
 */
export interface SoakPlan {
  /** In all. Default: 10,000. */
  readonly calls?: number;
  /** Default: 1. */
  readonly seed?: number;
  /** Of all calls, the share that goes over HTTP on 127.0.0.1. Default: 0.05. */
  readonly httpShare?: number;
  /** Is told of each row when it is done. */
  readonly onRow?: (row: Tally) => void;
}

export async function soak(plan: SoakPlan = {}): Promise<readonly Tally[]> {
  const { calls = 10_000, seed = 1, httpShare = 0.05, onRow = () => undefined } = plan;
  const overHttp = Math.floor(calls * httpShare);
  // Half of the rest goes to the faults one by one, half to all of a lane mixed.
  const faults = syncFaults.length + backgroundFaults.length + batchFaults.length;
  const each = Math.floor((calls - overHttp) / 2 / faults);
  const mixed = Math.ceil((calls - overHttp - each * faults) / 3);
  const rows: Tally[] = [];
  const add = (row: Tally) => {
    rows.push(row);
    onRow(row);
  };
  const options = { seed, share: 0.4 };
  for (const fault of syncFaults) {
    add(await soakSync({ ...options, name: fault, faults: [fault], calls: each }));
  }
  add(await soakSync({ seed, share: 0.6, name: 'sync, mixed', faults: syncFaults, calls: mixed }));
  add(
    await soakSync(
      { seed, share: 0.6, name: 'sync, mixed, HTTP', faults: syncFaults, calls: overHttp },
      'http',
    ),
  );
  for (const fault of backgroundFaults) {
    add(await soakBackground({ ...options, name: fault, faults: [fault], calls: each }));
  }
  const all = { seed, share: 0.6, name: 'background, mixed', faults: backgroundFaults };
  add(await soakBackground({ ...all, calls: mixed }));
  for (const fault of batchFaults) {
    add(await soakBatch({ ...options, name: fault, faults: [fault], calls: each }));
  }
  const left = calls - rows.reduce((sum, row) => sum + row.calls, 0);
  const { line, whole } = batchFaultsBy(batchFaults);
  const theirs = { ...options, name: "batch, the provider's mixed", faults: [...line, ...whole] };
  add(await soakBatch({ ...theirs, calls: Math.ceil(left / 2) }));
  const both = { ...options, name: 'batch, mixed', faults: batchFaults };
  add(await soakBatch({ ...both, calls: Math.floor(left / 2) }));
  return rows;
}

/** AWS: a Standard execution ends at 25,000 events. Well below it there is room for other seeds. */
const mostEvents = 20_000;

/** What is wrong with a row, as sentences; empty: nothing. */
export function wrongs(row: Tally): readonly string[] {
  const { provider, ours, lost, double, early, events } = row;
  const outcomes = Object.values(row.outcomes).reduce((sum, count) => sum + count, 0);
  const { left = 0 } = row as Partial<BackgroundTally | BatchTally>;
  return [
    ...(lost > 0 ? [`${lost} calls are lost.`] : []),
    ...(outcomes === row.calls ? [] : [`${row.calls} calls have ${outcomes} outcomes.`]),
    ...(double > 0
      ? [`${double} calls are counted otherwise than the provider counted them.`]
      : []),
    ...(early > 0 ? [`${early} requests came before their Retry-After.`] : []),
    ...(events > mostEvents ? [`A run has ${events} events.`] : []),
    ...unnamed(row),
    ...(isSame(provider, ours)
      ? []
      : [`The provider told ${words(provider)}, we have ${words(ours)}.`]),
    ...budgetWrongs(row),
    ...(left === 0 ? [] : [`${left} jobs or batches are left open.`]),
    ...neverMet(row),
  ].map((sentence) => `${row.fault}: ${sentence}`);
}

/** Of so many calls each fault is met by some; of a batch's, fewer: several calls meet it together. */
function neverMet({ hits, calls, ...row }: Tally): readonly string[] {
  const faults = Object.entries(hits);
  if (calls < ('asSync' in row ? 60 : 20) * faults.length) return [];
  return faults.filter(([, count]) => count === 0).map(([fault]) => `No call met '${fault}'.`);
}

/** A call whose row was lost is nobody's: its state ends by its own limit, and only such a one. */
function unnamed({ outcomes, ...row }: Tally): readonly string[] {
  const { rowsLost = 0 } = row as Partial<BackgroundTally>;
  return Object.entries(outcomes)
    .filter(([name, count]) => !(name === 'States.Timeout' && count <= rowsLost))
    .filter(([name]) => !/^(answered$|Model\.)/.test(name))
    .map(([name, count]) => `${count} outcomes ${name} have no name of ours.`);
}

/** The table has failed, or a function was ended. */
const isOurs = /^(table|collector)/;

/**
 * A budget has as spent exactly what is due. Where the table of jobs has failed, or a function was ended
 * before it could settle, some reservations stand, since nobody knows any more what became of their
 * calls: then it has never less.
 */
function budgetWrongs({ budget: { spent, due, held }, hits }: Tally): readonly string[] {
  if (Object.entries(hits).some(([fault, count]) => isOurs.test(fault) && count > 0)) {
    const isSafe = spent.tokens + held.tokens >= due.tokens && held.tokens >= 0;
    return isSafe ? [] : [`The budget has ${words(spent)} as spent, and ${words(due)} are due.`];
  }
  return [
    ...(isSame(spent, due)
      ? []
      : [`The budget has ${words(spent)} as spent, and ${words(due)} are due.`]),
    ...(held.tokens === 0 && held.nanos === 0 ? [] : [`The budget still holds ${words(held)}.`]),
  ];
}

function isSame(one: Sum, other: Sum): boolean {
  return one.tokens === other.tokens && one.nanos === other.nanos;
}

function words({ tokens, nanos }: Sum): string {
  return `${tokens} tokens (${nanos / 1e9} USD)`;
}

if (import.meta.main) {
  const calls = Number(process.argv[2] ?? 10_000);
  const seed = Number(process.argv[3] ?? 1);
  const started = performance.now();
  const rows = await soak({
    calls,
    seed,
    onRow: ({ fault }) => process.stderr.write(`${fault}\n`),
  });
  const table = rows.map((row) => ({
    fault: row.fault,
    calls: row.calls,
    requests: row.requests,
    met: Object.values(row.hits).reduce((sum, count) => sum + count, 0),
    outcomes: Object.entries(row.outcomes)
      .map(([name, count]) => `${name} ${count}`)
      .join(', '),
    lost: row.lost,
    double: row.double,
    early: row.early,
    'as sync': (row as Partial<BatchTally>).asSync ?? 0,
    'tokens told': row.provider.tokens,
    'tokens ours': row.ours.tokens,
    'USD ours': row.ours.nanos / 1e9,
    'tokens untold': row.untold,
    'virtual min': row.minutes,
    events: row.events,
  }));
  console.table(table);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const found = rows.flatMap(wrongs);
  console.log(`${calls} calls, seed ${seed}, ${seconds} s. ${found.length} differences.`);
  for (const sentence of found) console.log(sentence);
  process.exitCode = found.length === 0 ? 0 : 1;
}
