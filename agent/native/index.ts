// The one typed seam to the native addon: what it offers, and how its failures look.
import { createRequire } from "node:module";

/** A kernel call that failed: which step, which errno, on which path. */
export class NativeError extends Error {
  override readonly name = "NativeError";
  readonly step: string;
  readonly errno: number;
  readonly path: string;

  constructor(failure: { step: string; errno: number; path: string; message: string }) {
    super(failure.message);
    this.step = failure.step;
    this.errno = failure.errno;
    this.path = failure.path;
  }
}

// biome-ignore lint/suspicious/noEmptyInterface: each driver adds the calls it needs.
export interface Native {}

/** Loads the addon from a file; throws when it was built for another platform. */
export function loadNative(path: string): Native {
  return createRequire(import.meta.url)(path) as Native;
}
