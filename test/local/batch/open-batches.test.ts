import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OpenBatches } from '../../../lib/local/background/open-batches.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Batches whose sweeps are noted with their time, in seconds. */
function looked({ open = 1, takes = 0 }: { open?: number; takes?: number } = {}) {
  const sweeps: [seconds: number, event: unknown][] = [];
  const answered = new Set<string>();
  const dead = new Set<string>();
  const provider = { open };
  const batches = new OpenBatches({
    async sweep(event) {
      const given = await event;
      sweeps.push([Date.now() / 1000, 'jobs' in given ? given.jobs : 'batches']);
      if (takes > 0) await new Promise((resolve) => setTimeout(resolve, takes));
      return { open: provider.open };
    },
    waits: async (token) => !dead.has(token),
    over: (token) => answered.has(token),
  });
  const watch = (name: string, deadline = Number.POSITIVE_INFINITY) => {
    const state = new AbortController();
    batches.watch({ job: `job ${name}`, token: name, deadline, signal: state.signal });
    return { ends: () => state.abort() };
  };
  const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);
  return { batches, sweeps, answered, dead, provider, watch, pass };
}

describe('the batches of a provider on this machine', () => {
  it('go a second after the last call that was given, and are looked at later and later', async () => {
    const { sweeps, watch, pass } = looked();
    watch('a');
    await pass(0.6);
    watch('b');
    await pass(0.9);
    expect(sweeps).toEqual([]);
    await pass(60);
    const times = sweeps.map(([seconds]) => seconds);
    expect(sweeps.every(([, event]) => event === 'batches')).toBe(true);
    expect(times).toEqual([1.6, 3.6, 6.6, 11.1, 17.85, 27.975, 42.975, 57.975]);
  });

  it('go after five seconds where calls do not stop coming', async () => {
    const { sweeps, watch, pass } = looked();
    for (let call = 0; call < 12; call += 1) {
      watch(String(call));
      await pass(0.5);
    }
    expect(sweeps[0]).toEqual([5, 'batches']);
  });

  it('are looked at no more when all calls are answered and none is left at the provider', async () => {
    const { sweeps, answered, provider, watch, pass } = looked();
    const state = watch('a');
    await pass(2);
    answered.add('a');
    state.ends();
    await pass(10);
    const before = sweeps.length;
    expect(before).toBeGreaterThan(1);
    provider.open = 0;
    await pass(60);
    expect(sweeps.length - before).toBe(1);
    expect(sweeps.every(([, event]) => event === 'batches')).toBe(true);
  });

  it('are told at once, and together, of states that wait no more', async () => {
    const { sweeps, watch, pass } = looked();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => watch(name));
    await pass(1.5);
    a?.ends();
    b?.ends();
    await pass(0.01);
    expect(sweeps.slice(1).map(([, event]) => event)).toEqual([['job a', 'job b']]);
    c?.ends();
    await pass(0.01);
    expect(sweeps.slice(2).map(([, event]) => event)).toEqual([['job c']]);
  });

  it('are told of a call whose time is over, when it is over', async () => {
    const { sweeps, watch, pass } = looked();
    watch('short', 8_000);
    watch('long');
    await pass(9);
    const [, told] = sweeps.find(([, event]) => event !== 'batches') ?? [];
    expect(told).toEqual(['job short']);
    expect(sweeps.filter(([seconds]) => Math.abs(seconds - 8.05) < 0.001)).toHaveLength(2);
  });

  it('are told of a state of an earlier process that waits no more', async () => {
    const { batches, sweeps, dead, pass } = looked();
    batches.watch({ job: 'job a', token: 'a', deadline: 100_000 });
    await pass(1.5);
    dead.add('a');
    await pass(10);
    expect(sweeps.map(([, event]) => event)).toContainEqual(['job a']);
  });

  it('are taken back by a close that comes while they are given', async () => {
    const { batches, sweeps, watch, pass } = looked({ takes: 500 });
    const state = watch('a');
    await pass(1.2);
    state.ends();
    const closed = batches.close();
    await pass(5);
    await closed;
    const taken = sweeps.filter(([, event]) => event !== 'batches');
    // Once when it ended, and once more when the round was over that may have given it.
    expect(taken).toEqual([
      [1.2, ['job a']],
      [1.5, ['job a']],
    ]);
    await pass(60);
    expect(sweeps).toHaveLength(3);
  });
});
