// Digests and the streams that compute them. Only sha256: the one that every registry speaks.
import { createHash } from "node:crypto";
import { Transform } from "node:stream";
import { FairleadError } from "../../resources/model/errors.ts";

const DIGEST = /^sha256:[a-f0-9]{64}$/;

export function isDigest(text: unknown): text is string {
  return typeof text === "string" && DIGEST.test(text);
}

/** The hex part of a digest; `invalid` when it is none, so that no other text becomes a path. */
export function hexOf(digest: string): string {
  if (!isDigest(digest)) throw new FairleadError("invalid", `not a sha256 digest: ${show(digest)}`);
  return digest.slice("sha256:".length);
}

export function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** The first 12 hex digits, as Docker shows ids. */
export function shortOf(digest: string): string {
  return hexOf(digest).slice(0, 12);
}

/** Passes bytes on; when it has ended, `digest()` and `bytes()` tell what went through. */
export class DigestStream extends Transform {
  readonly #hash = createHash("sha256");
  readonly #onBytes: (total: number) => void;
  #bytes = 0;

  constructor(onBytes: (total: number) => void = () => undefined) {
    super();
    this.#onBytes = onBytes;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: (e: null, c: Buffer) => void): void {
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
    this.#onBytes(this.#bytes);
    done(null, chunk);
  }

  digest(): string {
    return `sha256:${this.#hash.digest("hex")}`;
  }

  bytes(): number {
    return this.#bytes;
  }
}

/** Text of unknown origin for a message: no control characters, at most 100 characters. */
export function show(text: unknown): string {
  const plain = String(text).replace(/[\x00-\x1f\x7f-\x9f]/g, "?");
  return plain.length > 100 ? `${plain.slice(0, 100)}…` : plain;
}
