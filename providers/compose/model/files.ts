// Reads the files of a project, bounded in size, and finds the default ones.
import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { FairleadError } from "../../../resources/model/errors.ts";
import { printableLine } from "../document/printable.ts";

/** Larger files are refused before they are read. */
const MAX_BYTES = 10 * 1024 * 1024;

const HANDED_OVER = /^\/(dev\/stdin|dev\/fd\/\d+|proc\/self\/fd\/\d+)$/;

const NAMES = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const OVERRIDES = [
  "compose.override.yml",
  "compose.override.yaml",
  "docker-compose.override.yml",
  "docker-compose.override.yaml",
];

/** The text of a file, `-` being standard input; a FairleadError when it cannot be read. */
export function readText(path: string): string {
  const shown = printableLine(path);
  try {
    // What the shell hands over, as <(command) does, is read to its end like standard input. Any
    // other pipe or device is refused: nobody may ever write into it.
    const isHandedOver = HANDED_OVER.test(path);
    const flags = constants.O_RDONLY | (isHandedOver ? 0 : constants.O_NONBLOCK);
    const file = path === "-" ? 0 : openSync(path, flags);
    try {
      const found = fstatSync(file);
      if (found.isDirectory()) {
        throw new FairleadError("invalid", `${shown} is a directory, not a file`, { path: shown });
      }
      if (!found.isFile() && file !== 0 && !(isHandedOver && found.isFIFO())) {
        const what = found.isFIFO() ? "a pipe" : "a device or a socket";
        throw new FairleadError("invalid", `${shown} is ${what}, not a file`, { path: shown });
      }
      return textOf(readBounded(file, shown), shown);
    } finally {
      if (file !== 0) closeSync(file);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new FairleadError("not_found", `no file ${shown}`, { path: shown, cause: error });
    }
    if (code === "ENXIO") {
      throw new FairleadError("invalid", `${shown} is a socket, not a file`, { path: shown });
    }
    if (code === "EACCES") {
      throw new FairleadError("forbidden", `no permission to read ${shown}`, { path: shown });
    }
    throw error;
  }
}

// A pipe or a device has no size to look at: what comes is counted.
function readBounded(file: number, shown: string): Buffer {
  const chunks: Buffer[] = [];
  for (let total = 0; total <= MAX_BYTES; ) {
    const chunk = Buffer.alloc(64 * 1024);
    const count = readSync(file, chunk);
    if (count === 0) return Buffer.concat(chunks);
    total += count;
    chunks.push(chunk.subarray(0, count));
  }
  throw tooLarge(shown);
}

function textOf(bytes: Buffer, shown: string): string {
  const text = bytes.toString("utf8");
  if (bytes.equals(Buffer.from(text))) return text;
  throw new FairleadError("invalid", `${shown} is not UTF-8 text`, { path: shown });
}

function tooLarge(shown: string): FairleadError {
  return new FairleadError("invalid", `${shown} is larger than ${MAX_BYTES / 1024 / 1024} MB`, {
    path: shown,
  });
}

/**
 * The files to load when none is given: the first default name in `directory` or the nearest folder
 * above it, and its override file; empty when there is none.
 */
export function defaultFiles(directory: string, warn: (message: string) => void): string[] {
  let folder = resolve(directory);
  for (;;) {
    const found = NAMES.map((name) => join(folder, name)).filter(existsSync);
    const [file, ...others] = found;
    if (file !== undefined) {
      if (others.length > 0) warn(`Found ${found.join(", ")}; using ${file}.`);
      const [override, ...more] = OVERRIDES.map((name) => join(folder, name)).filter(existsSync);
      if (override !== undefined && more.length > 0) {
        warn(`Found ${[override, ...more].join(", ")}; using ${override}.`);
      }
      return override === undefined ? [file] : [file, override];
    }
    const parent = dirname(folder);
    if (parent === folder) return [];
    folder = parent;
  }
}
