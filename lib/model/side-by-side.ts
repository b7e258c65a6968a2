/**
 * Does the same work for each item, some of them at once. After one has failed no further one is begun;
 * when those under way are over, it throws what the first has thrown.
 */
export async function sideBySide<T>(
  items: Iterable<T> | AsyncIterable<T>,
  most: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    try {
      while (failures.length === 0) {
        const { done, value } = await queue.next();
        if (done) return;
        await work(value);
      }
    } catch (error) {
      failures.push(error);
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  if (failures.length > 0) throw failures[0];
}

/**
 * The same, where one that fails does not keep the others from their turn: it is told of, and tried again
 * another time.
 * @returns how many have failed
 */
export async function oneByOne<T>(
  items: Iterable<T>,
  most: number,
  work: (item: T) => Promise<unknown>,
): Promise<number> {
  let failed = 0;
  await sideBySide(items, most, async (item) => {
    try {
      await work(item);
    } catch (error) {
      failed += 1;
      const why = error instanceof Error ? error.name : 'unknown';
      console.warn(`A call could not be dealt with (${why}); it is tried again.`);
    }
  });
  return failed;
}
