/**
 * Maps over items with at most `limit` under way at once; results in the order of the items. After a failure no
 * further item is begun, those under way are waited for, and the first failure is thrown.
 */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  limit: number,
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  let failure: { error: unknown } | undefined;
  const work = async () => {
    for (const [index, item] of queue) {
      if (failure !== undefined) return;
      try {
        results[index] = await map(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  if (failure !== undefined) throw failure.error;
  return results;
}

/** The same items, the next one always being fetched while one is worked on. */
export async function* withNextOnItsWay<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item> {
  const iterator = items[Symbol.asyncIterator]();
  let next = iterator.next();
  try {
    for (;;) {
      const { value, done } = await next;
      if (done === true) return;
      next = iterator.next();
      // Whoever goes on hears of it.
      next.catch(() => {});
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}
