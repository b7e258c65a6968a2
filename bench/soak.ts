import type { Tally } from './soak/account.ts';
import { type BackgroundTally, soakBackground } from './soak/background-lane.ts';
import { backgroundFaults, syncFaults } from './soak/faults.ts';
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
  // Half of the rest goes to the faults one by one, half to all of them mixed.
  const half = Math.floor((calls - overHttp) / 2);
  const each = Math.floor(half / (syncFaults.length + backgroundFaults.length));
  const mixed = Math.ceil(
    (calls - overHttp - each * (syncFaults.length + backgroundFaults.length)) / 2,
  );
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
  const left = calls - rows.reduce((sum, row) => sum + row.calls, 0);
  const all = { seed, share: 0.6, name: 'background, mixed', faults: backgroundFaults };
  add(await soakBackground({ ...all, calls: left }));
  return rows;
}

/** What is wrong with a row, as sentences; empty: nothing. */
export function wrongs(row: Tally): readonly string[] {
  const { budget, provider, ours, lost, double, early } = row;
  const outcomes = Object.values(row.outcomes).reduce((sum, count) => sum + count, 0);
  const unnamed = Object.keys(row.outcomes).filter((name) => !/^(answered$|Model\.)/.test(name));
  const { left = 0 } = row as Partial<BackgroundTally>;
  return [
    ...(lost > 0 ? [`${lost} calls are lost.`] : []),
    ...(outcomes === row.calls ? [] : [`${row.calls} calls have ${outcomes} outcomes.`]),
    ...(double > 0
      ? [`${double} calls are counted otherwise than the provider counted them.`]
      : []),
    ...(early > 0 ? [`${early} requests came before their Retry-After.`] : []),
    ...unnamed.map((name) => `The outcome ${name} has no name of ours.`),
    ...(provider === ours ? [] : [`The provider told ${provider} tokens, we have ${ours}.`]),
    ...(budget.spent === budget.due
      ? []
      : [`The budget has ${budget.spent} tokens as spent, and ${budget.due} are due.`]),
    ...(budget.held === 0 ? [] : [`The budget still holds ${budget.held} tokens.`]),
    ...(left === 0 ? [] : [`${left} jobs are left open.`]),
  ].map((sentence) => `${row.fault}: ${sentence}`);
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
    outcomes: Object.entries(row.outcomes)
      .map(([name, count]) => `${name} ${count}`)
      .join(', '),
    lost: row.lost,
    double: row.double,
    early: row.early,
    'tokens told': row.provider,
    'tokens ours': row.ours,
    'tokens untold': row.untold,
    'virtual min': row.minutes,
  }));
  console.table(table);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const found = rows.flatMap(wrongs);
  console.log(`${calls} calls, seed ${seed}, ${seconds} s. ${found.length} differences.`);
  for (const sentence of found) console.log(sentence);
  process.exitCode = found.length === 0 ? 0 : 1;
}
