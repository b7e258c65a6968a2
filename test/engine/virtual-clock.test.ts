import { expect, test } from 'vitest';
import { realClock } from '../../lib/engine/clock/real-clock.ts';
import { VirtualClock } from '../../lib/engine/clock/virtual-clock.ts';

/** Lets a clock run until a promise is kept. */
function fired(set: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve) => set(resolve));
}

test('fires timers by due time, equal ones in the order in which they were set', async () => {
  const clock = new VirtualClock({ now: 0 });
  const order: string[] = [];
  const note = (name: string) => () => order.push(`${name}@${clock.now()}`);
  clock.setTimer(20, note('c'));
  clock.setTimer(10, note('a'));
  clock.setTimer(10, note('b'));
  await fired((resolve) => clock.setTimer(30, resolve));
  expect(order).toEqual(['a@10', 'b@10', 'c@20']);
});

test('takes no real time for an hour', async () => {
  const clock = new VirtualClock({ now: 0 });
  const start = performance.now();
  await fired((resolve) => clock.setTimer(3_600_000, resolve));
  expect(clock.now()).toBe(3_600_000);
  expect(performance.now() - start).toBeLessThan(500);
});

test('never fires a timer that was cancelled', async () => {
  const clock = new VirtualClock({ now: 0 });
  let wrong = false;
  clock
    .setTimer(10, () => {
      wrong = true;
    })
    .cancel();
  await fired((resolve) => clock.setTimer(20, resolve));
  expect(wrong).toBe(false);
});

test('stands still while work holds it, and goes on when the work is done', async () => {
  const clock = new VirtualClock({ now: 0, patience: 60_000 });
  const release = clock.hold();
  const order: string[] = [];
  const timer = fired((resolve) => clock.setTimer(10, resolve)).then(() => order.push('timer'));
  await new Promise((resolve) => setTimeout(resolve, 20));
  order.push('work');
  release();
  await timer;
  expect(order).toEqual(['work', 'timer']);
});

test('loses patience with work that never ends', async () => {
  const clock = new VirtualClock({ now: 0, patience: 10 });
  clock.hold();
  await fired((resolve) => clock.setTimer(1_000, resolve));
  expect(clock.now()).toBe(1_000);
});

test('lets work that began inside a timer set earlier timers', async () => {
  const clock = new VirtualClock({ now: 0 });
  const seen: number[] = [];
  clock.setTimer(10, () => clock.setTimer(5, () => seen.push(clock.now())));
  await fired((resolve) => clock.setTimer(100, resolve));
  expect(seen).toEqual([15]);
});

test('the real clock fires, and cancels', async () => {
  let wrong = false;
  realClock
    .setTimer(1, () => {
      wrong = true;
    })
    .cancel();
  await fired((resolve) => realClock.setTimer(5, resolve));
  expect(wrong).toBe(false);
  const far = realClock.setTimer(2 ** 40, () => {
    wrong = true;
  });
  await fired((resolve) => realClock.defer(resolve));
  far.cancel();
  expect(wrong).toBe(false);
});
