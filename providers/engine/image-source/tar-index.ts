// Where the files of a tar lie, so that they can be read in place. Reads headers only.
import { createReadStream } from "node:fs";
import { posix } from "node:path";
import { extract, type Header } from "tar-stream";
import { FairleadError } from "../../../resources/model/errors.ts";

/** Place of each file by its name; links within the archive point to the file's place. */
export type TarIndex = Map<string, { offset: number; sizeBytes: number }>;

const MOST_ENTRIES = 100_000;

/** The index of a tar; throws `invalid` for a file that is none or that is cut off. */
export async function indexTar(path: string): Promise<TarIndex> {
  const index: TarIndex = new Map();
  const links = new Map<string, string>();
  const entries = extract();
  const file = createReadStream(path, { highWaterMark: 1024 * 1024 });
  file.on("error", (error) => entries.destroy(error));
  file.pipe(entries);
  try {
    for await (const entry of entries) {
      // Its types lack what it says of where the content begins.
      const header = entry.header as Header & { byteOffset: number };
      const name = posix.normalize(header.name);
      if (index.size + links.size >= MOST_ENTRIES) throw new Error("it has too many entries");
      if (header.type === "symlink") {
        links.set(name, posix.join(posix.dirname(name), header.linkname ?? ""));
      } else if (header.type === "link") links.set(name, posix.normalize(header.linkname ?? ""));
      else if (header.type === "file") {
        index.set(name, { offset: header.byteOffset, sizeBytes: header.size ?? 0 });
      }
      entry.resume();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FairleadError("invalid", `${path} cannot be read as a tar file: ${reason}`, {
      path,
      cause: error,
    });
  } finally {
    file.destroy(); // a pipe leaves its source open when its end fails
  }
  for (const [name, target] of links) {
    const place = index.get(target);
    if (place) index.set(name, place);
  }
  return index;
}
