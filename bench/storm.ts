import { realStorm } from './storm/real.ts';
import { shapes } from './storm/shapes.ts';
import { type StormOptions, type StormResult, storm } from './storm/virtual.ts';

/**
 * The storm, beside plain retries and a plain concurrency limit; then what it is like where no limit is
 * known, by the provider's shape; then how runs share it. On a virtual clock, but for `--real`.
 * Run: `npx node bench/storm.ts [branches] [seed]`, or `npx node bench/storm.ts --real`.
 */
const ends = ({ answered }: StormResult) => answered.map((times) => Math.max(...times));

function row({ asked, refused, makespan, limit, transitions, updates, answered }: StormResult) {
  const calls = answered.flat().length;
  return {
    'refused %': Number(((100 * refused) / asked).toFixed(1)),
    'makespan s': Number(makespan.toFixed(1)),
    'times the limit': limit === 0 ? '' : Number((makespan / limit).toFixed(2)),
    'transitions a branch': Number((transitions / calls).toFixed(1)),
    'updates a branch': Number((updates / calls).toFixed(1)),
  };
}

async function strategies(branches: number, seed: number): Promise<void> {
  const rows: readonly (readonly [string, StormOptions])[] = [
    ['limiter', { strategy: 'limiter' }],
    ['limiter, no limit known', { strategy: 'limiter', limits: {} }],
    ['the same, calls begin within 1 s', { strategy: 'limiter', limits: {}, spread: 1 }],
    ['retry with jitter', { strategy: 'retry with jitter' }],
    ['concurrency limit', { strategy: 'concurrency limit' }],
  ];
  const table: Record<string, object> = {};
  for (const [name, options] of rows) {
    const result = await storm({ ...options, runs: [branches], seed });
    table[name] = { 'failed branches': result.failed, ...row(result) };
  }
  console.log(`${branches} branches; 600 requests and 200,000 tokens a minute; virtual clock`);
  console.table(table);
}

async function unknown(seed: number): Promise<void> {
  const table: Record<string, object> = {};
  for (const [name, options] of shapes) {
    const result = await storm({ strategy: 'limiter', limits: {}, spread: 1, ...options, seed });
    table[`${name}: ${options.runs?.[0] ?? 1_000} calls`] = row(result);
  }
  console.log('No limit is known; calls begin within 1 s. By what the provider allows a minute:');
  console.table(table);
}

async function sharing(seed: number): Promise<void> {
  const cases: readonly (readonly [string, Partial<StormOptions>])[] = [
    ['500 and 500', { runs: [500, 500] }],
    ['500, and 500 two seconds later', { runs: [500, 500], after: [0, 2] }],
    ['300, four times', { runs: [300, 300, 300, 300] }],
    ['1,000, and 50 after 15 s', { runs: [1_000, 50], after: [0, 15] }],
    ['1,000, and 300 after 15 s', { runs: [1_000, 300], after: [0, 15] }],
    ['500 and 500, no limit known', { runs: [500, 500], limits: {} }],
  ];
  const table: Record<string, object> = {};
  for (const [name, options] of cases) {
    const result = await storm({ strategy: 'limiter', ...options, seed });
    const { 'refused %': refused, 'times the limit': times } = row(result);
    const seconds = ends(result).map((end) => end.toFixed(1));
    table[name] = { 'runs end after s': seconds.join(', '), refused, 'times the limit': times };
  }
  console.log('Runs that share a limit, 600 requests and 200,000 tokens a minute:');
  console.table(table);
}

async function real(): Promise<void> {
  const provider = { requestsPerMinute: 300, tokensPerMinute: 1_000_000 };
  const table: Record<string, object> = {};
  for (const isKnown of [true, false]) {
    const { status, asked, refused, makespan, limit } = await realStorm({
      branches: 500,
      provider,
      isKnown,
    });
    table[isKnown ? 'limit known' : 'no limit known'] = {
      status,
      asked,
      refused,
      'makespan s': Number(makespan.toFixed(1)),
      'times the limit': Number((makespan / limit).toFixed(2)),
    };
  }
  console.log('In real time: 500 branches, 300 requests a minute, local runner, HTTP on 127.0.0.1');
  console.table(table);
}

const [first, second] = process.argv.slice(2);
if (first === '--real') await real();
else {
  const seed = Number(second ?? 1);
  await strategies(Number(first ?? 1_000), seed);
  await unknown(seed);
  await sharing(seed);
}
