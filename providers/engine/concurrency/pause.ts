// Waiting, cut short by a signal.
import { setTimeout as sleep } from "node:timers/promises";

/** Waits so long; rejects with the signal's reason when it is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** Pauses that grow from `firstMs` to `mostMs`, for polling. */
export function* growingPauses(firstMs: number, mostMs: number): Generator<number, never> {
  for (let ms = firstMs; ; ms = Math.min(ms * 1.6, mostMs)) yield ms;
}
