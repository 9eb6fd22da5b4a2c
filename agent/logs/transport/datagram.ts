// A receiver at a unix datagram socket of this host, each line one datagram.
import { existsSync } from "node:fs";
import type { LogHost, LogLine, LogReceiver } from "../driver/driver.ts";

interface Recipe {
  /** The first that is there is taken. */
  paths: readonly string[];
  encode: (line: LogLine) => Buffer;
  host: LogHost;
}

export function datagramReceiver({ paths, encode, host }: Recipe): LogReceiver {
  // Of a batch that comes again after a failure, what was taken before is left out.
  let before: { lines: readonly LogLine[]; taken: number } | undefined;
  return {
    send: async (lines) => {
      const path = paths.find((one) => existsSync(one));
      if (path === undefined) throw new Error(`nobody listens at ${paths.join(" or ")}`);
      const batch = before?.lines === lines ? before : { lines, taken: 0 };
      before = batch;
      while (batch.taken < lines.length) {
        const rest = lines.slice(batch.taken).map(encode);
        const taken = await host.sendDatagrams(path, rest);
        if (taken === 0) throw new Error(`the receiver at ${path} takes nothing`);
        batch.taken += taken;
      }
    },
    close: () => undefined,
  };
}
