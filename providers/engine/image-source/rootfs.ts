// Images made of a root file system: a directory or a tar file becomes the one layer. The same
// content gives the same digest on every machine: entries sorted, times zero, no names of owners.
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough, Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Header, pack } from "tar-stream";
import type { ImageSpec, RootfsConfig } from "../../../resources/kinds/image/image.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { compressionOf, gunzipped, type Measure, measure, onceForFile } from "./measure.ts";
import { type Blob, imageOf, type LocalImage, MEDIA_TYPES } from "./source.ts";

const NS_PER_MS = 1_000_000;
const MOST_ENTRIES = 1_000_000;

/** The image of a root file system; `platform` is what its programs are made for. */
export async function readRootfs(
  path: string,
  spec: Pick<ImageSpec, "config">,
  platform: string,
): Promise<LocalImage> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new FairleadError("not_found", `the root file system ${path} is not there`, {
      path,
      cause,
    });
  });
  const { layer, diffId } = info.isDirectory()
    ? await directoryLayer(path)
    : await onceForFile(path, "rootfs", () => fileLayer(path));
  return imageOf(configBytes(spec.config ?? {}, platform, diffId), [layer]);
}

async function directoryLayer(path: string): Promise<{ layer: Blob; diffId: string }> {
  const { digest, sizeBytes } = await measure(packDirectory(path));
  const open = (offset: number) => skipping(packDirectory(path), offset);
  return { layer: { digest, sizeBytes, mediaType: MEDIA_TYPES.layer, open }, diffId: digest };
}

async function fileLayer(path: string): Promise<{ layer: Blob; diffId: string }> {
  const compression = await compressionOf(path);
  if (compression === "zstd") {
    throw new FairleadError("unsupported", `${path} is compressed with zstd`, {
      hint: "Unpack it, or compress it with gzip.",
    });
  }
  const sent: Measure = await measure(createReadStream(path));
  const diffId = compression === "gzip" ? (await measure(gunzipped(path))).digest : sent.digest;
  const mediaType = compression === "gzip" ? MEDIA_TYPES.gzipLayer : MEDIA_TYPES.layer;
  const open = (offset: number) => createReadStream(path, { start: offset });
  return { layer: { ...sent, mediaType, open }, diffId };
}

/** The directory as a tar stream; a link to a file that came before is a hard link. */
function packDirectory(root: string): Readable {
  const tar = pack();
  const links = new Map<string, string>();
  let count = 0;
  const visit = async (inside: string): Promise<void> => {
    const names = (await readdir(join(root, inside))).sort();
    for (const name of names) {
      count += 1;
      if (count > MOST_ENTRIES) throw new Error(`more than ${MOST_ENTRIES} entries`);
      const path = inside === "" ? name : `${inside}/${name}`;
      if (await addEntry(root, path)) await visit(path);
    }
  };
  const addEntry = async (base: string, path: string): Promise<boolean> => {
    const info = await lstat(join(base, path));
    const entry: Partial<Header> & { name: string } = {
      ...{ name: path, mode: info.mode & 0o7777, uid: info.uid, gid: info.gid },
      mtime: new Date(0),
    };
    if (info.isDirectory()) await header(tar, { ...entry, name: `${path}/`, type: "directory" });
    else if (info.isSymbolicLink()) {
      await header(tar, { ...entry, type: "symlink", linkname: await readlink(join(base, path)) });
    } else if (info.isFile()) {
      const inode = `${info.dev}:${info.ino}`;
      const first = info.nlink > 1 ? links.get(inode) : undefined;
      if (first !== undefined) await header(tar, { ...entry, type: "link", linkname: first });
      else {
        links.set(inode, path);
        const content = tar.entry({ ...entry, type: "file", size: info.size });
        await pipeline(createReadStream(join(base, path)), content as unknown as Writable);
      }
    } else if (info.isFIFO()) await header(tar, { ...entry, type: "fifo" });
    else if (info.isCharacterDevice() || info.isBlockDevice()) {
      const type = info.isBlockDevice() ? "block-device" : "character-device";
      const { devmajor, devminor } = deviceNumbers(info.rdev);
      await header(tar, { ...entry, type, devmajor, devminor });
    }
    // A socket has no meaning without its program.
    return info.isDirectory();
  };
  visit("").then(
    () => tar.finalize(),
    (error: Error) => tar.destroy(error),
  );
  return Readable.from(tar as unknown as AsyncIterable<Buffer>, { objectMode: false });
}

function header(
  tar: ReturnType<typeof pack>,
  headers: Partial<Header> & { name: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry(headers, (error) => (error ? reject(error) : resolve()));
  });
}

// The kernel's encoding of a device number in stat(2) (glibc's gnu_dev_major and gnu_dev_minor).
function deviceNumbers(rdev: number) {
  return {
    devmajor: (rdev >> 8) & 0xfff,
    devminor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00),
  };
}

function skipping(stream: Readable, offset: number): Readable {
  if (offset === 0) return stream;
  const rest = new PassThrough();
  let left = offset;
  pipeline(
    stream,
    async function* (source: AsyncIterable<Buffer>) {
      for await (const chunk of source) {
        if (left < chunk.length) yield chunk.subarray(left);
        left = Math.max(0, left - chunk.length);
      }
    },
    rest,
  ).catch((error: Error) => rest.destroy(error));
  return rest;
}

function configBytes(config: RootfsConfig, platform: string, diffId: string): Buffer {
  const [os, architecture, variant] = platform.split("/");
  const check = config.healthcheck;
  const ns = (ms: number | undefined) => (ms === undefined ? undefined : ms * NS_PER_MS);
  const document = {
    architecture,
    ...(variant === undefined ? {} : { variant }),
    os,
    config: {
      Entrypoint: config.entrypoint,
      Cmd: config.command,
      Env: Object.entries({ PATH: DEFAULT_PATH, ...config.env }).map(([k, v]) => `${k}=${v}`),
      User: config.user,
      WorkingDir: config.workingDir,
      ExposedPorts: config.exposedPorts && keysOf(config.exposedPorts),
      Volumes: config.volumes && keysOf(config.volumes),
      Labels: config.labels,
      StopSignal: config.stopSignal,
      Healthcheck: check && {
        Test: check.disable ? ["NONE"] : check.test,
        Interval: ns(check.interval),
        Timeout: ns(check.timeout),
        StartPeriod: ns(check.startPeriod),
        StartInterval: ns(check.startInterval),
        Retries: check.retries,
      },
    },
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created: "1970-01-01T00:00:00Z", created_by: "fairlead: root file system" }],
    created: "1970-01-01T00:00:00Z",
  };
  return Buffer.from(JSON.stringify(document));
}

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

function keysOf(names: string[]): Record<string, object> {
  return Object.fromEntries([...names].sort().map((name) => [name, {}]));
}
