// Joins a client's stream and a container's, byte for byte, with half-closes in both directions.
import { type Duplex, type Readable, Transform } from "node:stream";
import { DetachScanner } from "./detach-keys.ts";

export interface JoinOptions {
  /** Whether the client's bytes are the container's stdin. */
  stdin: boolean;
  /** Detach keys to look for in stdin; undefined for none. */
  detachKeys: Buffer | undefined;
  /** What the container's output passes through. */
  output?: Transform;
}

/** Resolves when both sides are done: `detached` when the keys were typed. */
export function joinStreams(
  client: Duplex,
  container: Duplex,
  options: JoinOptions,
): Promise<"ended" | "detached"> {
  return new Promise((resolve) => {
    let detached = false;
    const finish = () => {
      client.destroy();
      container.destroy();
      resolve(detached ? "detached" : "ended");
    };
    const detach = () => {
      detached = true;
      container.destroy();
      client.end(() => finish());
    };
    client.on("error", finish).on("close", finish);
    const output: Readable = options.output ? container.pipe(options.output) : container;
    for (const source of new Set([container, output])) source.on("error", () => client.end(finish));
    output.on("close", () => client.end(finish));
    if (options.output) container.on("close", () => options.output?.end());
    output.pipe(client);
    if (!options.stdin) {
      client.resume();
    } else if (options.detachKeys) {
      client.pipe(keysFilter(options.detachKeys, detach)).pipe(container);
    } else {
      client.pipe(container);
    }
  });
}

function keysFilter(keys: Buffer, detach: () => void): Transform {
  const scanner = new DetachScanner(keys);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const { pass, detached } = scanner.scan(chunk);
      if (detached) detach();
      done(null, pass);
    },
  });
}
