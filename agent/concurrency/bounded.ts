// Does one thing for each of many, side by side, and never more than so many at once.

/** Fails with the first failure, after what had begun has ended; the rest is not begun then. */
export async function eachBounded<T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  let failed = false;
  const lane = async () => {
    for (let next = queue.shift(); next !== undefined && !failed; next = queue.shift()) {
      try {
        await work(next);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const lanes = Array.from({ length: Math.min(limit, queue.length) }, lane);
  const failure = (await Promise.allSettled(lanes)).find(({ status }) => status === "rejected");
  if (failure?.status === "rejected") throw failure.reason;
}
