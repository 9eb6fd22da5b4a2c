// Gives any byte stream the four methods of a TCP socket that HTTP clients call.
import type { Duplex } from "node:stream";

/** The same stream; `ref`, `unref`, `setNoDelay` and `setKeepAlive` do nothing where absent. */
export function socketLike(stream: Duplex): Duplex {
  for (const method of ["ref", "unref", "setNoDelay", "setKeepAlive", "setTimeout"]) {
    if (method in stream) continue;
    Object.defineProperty(stream, method, { value: () => stream });
  }
  return stream;
}
