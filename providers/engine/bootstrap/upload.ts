// Sends the parts of a bundle that a host lacks. A part appears under its name only when its digest
// has been verified there, so a cut line leaves nothing that counts.
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Bundle, BundlePart } from "../bundle/bundle.ts";
import type { Transport } from "../transport/transport.ts";
import type { HostFacts } from "./facts.ts";
import type { Layout } from "./layout.ts";

export interface UploadProgress {
  readonly part: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
}

// $1 parts folder, $2 digest of the unpacked file, $3 "gzip" or "plain" input. The traps remove a
// half part when the line is cut: the shell gets SIGHUP, or gzip the end of its input.
const RECEIVE = `
set -eu
umask 022
mkdir -p "$1"
new=$1/.$2.$$
trap 'rm -f "$new"' EXIT
trap 'exit 74' HUP INT TERM PIPE
if [ "$3" = gzip ]; then gzip -dc >"$new"; else cat >"$new"; fi
sum=$(sha256sum <"$new")
if [ "\${sum%% *}" != "$2" ]; then echo "the digest differs" >&2; exit 65; fi
chmod 755 "$new"
mv -f "$new" "$1/$2"
`;

/** Sends what is missing, all parts at once; returns how many were sent. */
export async function uploadParts(
  transport: Transport,
  layout: Layout,
  bundle: Bundle,
  facts: HostFacts,
  options: { signal?: AbortSignal | undefined; onProgress?: (step: UploadProgress) => void } = {},
): Promise<number> {
  const missing = bundle.parts.filter((part) => !facts.parts.includes(part.sha256));
  const compressed = facts.tools.includes("gzip");
  const failed = new AbortController();
  const signals = options.signal ? [options.signal, failed.signal] : [failed.signal];
  const signal = AbortSignal.any(signals);
  await Promise.all(
    missing.map((part) =>
      send(part).catch((error: unknown) => {
        failed.abort(error);
        throw error;
      }),
    ),
  );
  return missing.length;

  async function send(part: BundlePart): Promise<void> {
    const totalBytes = compressed ? part.gzSize : part.size;
    const stdin = counted(source(bundle, part, compressed), (doneBytes) => {
      options.onProgress?.({ part: part.name, doneBytes, totalBytes });
    });
    const form = compressed ? "gzip" : "plain";
    const argv = ["/bin/sh", "-c", RECEIVE, "sh", `${layout.prefix}/parts`, part.sha256, form];
    const step = `sending ${part.name}`;
    const result = await transport.exec(argv, { step, stdin, become: true, signal });
    if (result.code !== 0) throw refused(transport.name, part, result);
  }
}

function source(bundle: Bundle, part: BundlePart, compressed: boolean): Readable {
  const packed = bundle.open(part);
  if (compressed) return packed;
  return pipeline(packed, createGunzip(), () => {}); // its reader sees the error of either
}

// Counts what is taken from the stream; a listener for "data" would set it flowing too early.
function counted(stream: Readable, tell: (doneBytes: number) => void): Readable {
  return Readable.from(
    (async function* () {
      let doneBytes = 0;
      for await (const chunk of stream) {
        yield chunk;
        doneBytes += chunk.length;
        tell(doneBytes);
      }
    })(),
    { objectMode: false },
  );
}

function refused(host: string, part: BundlePart, result: { code: number; stderr: string }) {
  const why = result.stderr.trim().split("\n").at(-1) || `exit status ${result.code}`;
  const hint = /no space/i.test(why)
    ? "free some space on the file system of the bundle, then run again"
    : "run again; parts that have arrived are kept";
  return new FairleadError("unavailable", `${host}: could not store ${part.name}: ${why}`, {
    path: host,
    hint,
  });
}
