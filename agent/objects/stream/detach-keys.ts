// Finds the key sequence by which a user leaves a terminal without ending it. Pure.
import { FairleadError } from "../../../resources/model/errors.ts";

const DEFAULT = "ctrl-p,ctrl-q";
const CONTROL = "@abcdefghijklmnopqrstuvwxyz[\\]^_";

/** `ctrl-p,ctrl-q` or single characters as bytes; `invalid` for other words. */
export function parseDetachKeys(text: string | undefined, what = "detach"): Buffer {
  const bytes = (text || DEFAULT).split(",").map((key) => {
    const [, control] = /^ctrl-(.)$/.exec(key) ?? [];
    const code = control === undefined ? -1 : CONTROL.indexOf(control.toLowerCase());
    if (control !== undefined && code >= 0) return code;
    if (key.length === 1 && key.charCodeAt(0) < 128) return key.charCodeAt(0);
    throw new FairleadError(
      "invalid",
      `Invalid ${what} keys (${(text ?? "").slice(0, 60)}) provided`,
    );
  });
  return Buffer.from(bytes);
}

/** Passes bytes on until the sequence was typed; a part of it that did not go on is passed too. */
export class DetachScanner {
  readonly #keys: Buffer;
  #matched = 0;

  constructor(keys: Buffer) {
    this.#keys = keys;
  }

  /** What to pass on, and whether the sequence is complete. */
  scan(chunk: Buffer): { pass: Buffer; detached: boolean } {
    const pass: number[] = [];
    for (const byte of chunk) {
      if (byte === this.#keys[this.#matched]) {
        this.#matched += 1;
        if (this.#matched === this.#keys.length) return { pass: Buffer.from(pass), detached: true };
        continue;
      }
      pass.push(...this.#keys.subarray(0, this.#matched));
      this.#matched = 0;
      if (byte === this.#keys[0]) this.#matched = 1;
      else pass.push(byte);
    }
    return { pass: Buffer.from(pass), detached: false };
  }
}
