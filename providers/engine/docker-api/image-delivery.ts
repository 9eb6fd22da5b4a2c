// Brings an image of this machine to a host: only the blobs that are missing there, several at
// once, each taken up again where a cut line left it. Engines without blob routes get one tar file.

import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Pack, pack } from "tar-stream";
import { FairleadError } from "../../../resources/model/errors.ts";
import { parseReference } from "../../../resources/model/reference.ts";
import { missingBlobsAnswer } from "../../../resources/wire.ts";
import { ifThere } from "../allowing.ts";
import { mapBounded } from "../concurrency/bounded.ts";
import { growingPauses, pause } from "../concurrency/pause.ts";
import type { Blob, LocalImage } from "../image-source/source.ts";
import type { Report } from "../report/report.ts";
import { answerOf } from "./answer.ts";
import type { DockerClient } from "./client.ts";
import { imagePath, inspectImage } from "./image.ts";
import { jsonLines } from "./json-lines.ts";
import { reportLines } from "./progress-lines.ts";

const UPLOADS_AT_ONCE = 3;
const ATTEMPTS = 5;
const SMALL_BYTES = 1024 * 1024;
/** Codes that another attempt may overcome: a broken line, another upload of the same blob. */
const PASSING = new Set(["unavailable", "conflict"]);

interface Held {
  bytes: number;
  whole: boolean;
}
const NOTHING: Held = { bytes: 0, whole: false };

const UPLOAD_IDLE_MS = 120_000;

/** Makes the image on the host under this name; throws when it arrived as another one. */
export async function deliver(
  client: DockerClient,
  name: string,
  image: LocalImage,
  report: Report,
  signal?: AbortSignal,
): Promise<void> {
  if (await retag(client, name, image.id, signal)) return;
  if (client.can.takesBlobs) await deliverBlobs(client, name, image, report, signal);
  else await deliverArchive(client, name, image, report, signal);
  const made = await ifThere(inspectImage(client, name, signal));
  if (made?.Id === image.id) return;
  const what = made === undefined ? "is not there" : `arrived as ${made.Id}`;
  throw new FairleadError("internal", `${client.host}: the image ${name} ${what}`, { path: name });
}

// The same image under another name, as after a new tag of old content.
async function retag(
  client: DockerClient,
  name: string,
  id: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  if (!(await ifThere(inspectImage(client, id, signal)))) return false;
  const { domain, path, tag } = parseReference(name);
  if (tag === undefined) return true;
  const repo = `${domain}/${path}`;
  await client.json({
    ...{ method: "POST", path: imagePath(id, "/tag"), query: { repo, tag }, signal },
  });
  return true;
}

async function deliverBlobs(
  client: DockerClient,
  name: string,
  image: LocalImage,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<void> {
  await deliverMissing(client, image, report, signal);
  try {
    await makeImage(client, name, image, report, signal);
  } catch (error) {
    // What the host found damaged when it used it counts as missing from then on.
    if ((await deliverMissing(client, image, report, signal)) === 0) throw error;
    await makeImage(client, name, image, report, signal);
  }
}

async function deliverMissing(
  client: DockerClient,
  image: LocalImage,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<number> {
  const blobs = new Map([image.config, image.manifest, ...image.layers].map((b) => [b.digest, b]));
  const { missing } = await answerOf(client, missingBlobsAnswer, {
    ...{ method: "POST", path: "/fairlead/blobs/missing", signal },
    body: { digests: [...blobs.keys()] },
  });
  const wanted = missing.flatMap((digest) => blobs.get(digest) ?? []);
  await mapBounded(wanted, UPLOADS_AT_ONCE, (blob) => upload(client, blob, report, signal));
  return wanted.length;
}

async function makeImage(
  client: DockerClient,
  name: string,
  image: LocalImage,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<void> {
  const answer = await client.stream({
    ...{ method: "POST", path: "/fairlead/images", signal, idleTimeoutMs: UPLOAD_IDLE_MS },
    body: { name, manifest: image.manifest.digest },
  });
  await reportLines(answer.body, report);
}

// A line that broke is taken up where it ended. Another client that sends the same blob is waited
// for as long as it gets on; the attempts that count are those without a byte of progress.
async function upload(
  client: DockerClient,
  blob: Blob,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<void> {
  const pauses = growingPauses(250, 4000);
  let before = 0;
  for (let attempt = 1; ; attempt += 1) {
    // A small blob that nobody has begun is not worth the question.
    const fresh = attempt === 1 && blob.sizeBytes < SMALL_BYTES;
    const held = fresh ? NOTHING : await received(client, blob);
    if (held.whole) return;
    if (held.bytes > before) attempt = 1;
    before = held.bytes;
    try {
      if (await uploadRest(client, blob, held.bytes, report, signal)) return;
    } catch (error) {
      const passing = error instanceof FairleadError && PASSING.has(error.code);
      if (!passing || attempt >= ATTEMPTS) throw error;
    }
    await pause(pauses.next().value, signal);
  }
}

// True when the host has the whole blob afterwards.
async function uploadRest(
  client: DockerClient,
  blob: Blob,
  offset: number,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const subject = blob.digest.slice(7, 19);
  let done = offset;
  const counted = Readable.from(
    (async function* () {
      for await (const chunk of blob.open(offset)) {
        done += (chunk as Buffer).length;
        report(subject, "Uploading", done, blob.sizeBytes);
        yield chunk;
      }
    })(),
    { objectMode: false },
  );
  const range = `bytes ${offset}-${blob.sizeBytes - 1}/${blob.sizeBytes}`;
  const answer = await client.stream({
    ...{ method: "PUT", path: `/fairlead/blobs/${blob.digest}`, signal, body: counted },
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(blob.sizeBytes - offset),
      ...(offset > 0 ? { "content-range": range } : {}),
    },
    idleTimeoutMs: UPLOAD_IDLE_MS,
  });
  answer.body.resume();
  // 202: what came is kept, and more is needed.
  return answer.status !== 202;
}

// What the host has of a blob; 206 says that it is not whole yet.
async function received(client: DockerClient, blob: Blob): Promise<Held> {
  try {
    const answer = await client.stream({ method: "HEAD", path: `/fairlead/blobs/${blob.digest}` });
    // An answer to HEAD has no body; reading it to its end lets go of the connection.
    answer.body.resume();
    const bytes = Number(answer.headers["content-length"] ?? 0) || 0;
    return { bytes: bytes < blob.sizeBytes ? bytes : 0, whole: answer.status === 200 };
  } catch (error) {
    if (error instanceof FairleadError && error.code === "not_found") return NOTHING;
    throw error;
  }
}

async function deliverArchive(
  client: DockerClient,
  name: string,
  image: LocalImage,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<void> {
  const tar = pack();
  const total = image.layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let done = 0;
  const written = writeArchive(tar, name, image).catch((error: Error) => tar.destroy(error));
  const body = Readable.from(
    (async function* () {
      for await (const chunk of tar as unknown as AsyncIterable<Buffer>) {
        done += chunk.length;
        report("image", "Uploading", Math.min(done, total), total);
        yield chunk;
      }
    })(),
    { objectMode: false },
  );
  const answer = await client.stream({
    ...{ method: "POST", path: "/images/load", query: { quiet: true }, body, signal },
    headers: { "content-type": "application/x-tar" },
    idleTimeoutMs: UPLOAD_IDLE_MS,
  });
  await written;
  for await (const _line of jsonLines(answer.body)) {
    // Reading to the end waits until the image is there; a line with an error throws.
  }
}

async function writeArchive(tar: Pack, name: string, image: LocalImage): Promise<void> {
  const layers = new Map(image.layers.map((layer) => [`${layer.digest.slice(7)}.tar`, layer]));
  const manifest = [
    {
      Config: `${image.id.slice(7)}.json`,
      RepoTags: [name],
      Layers: image.layers.map(({ digest }) => `${digest.slice(7)}.tar`),
    },
  ];
  const files: [string, Blob | Buffer][] = [
    ["manifest.json", Buffer.from(JSON.stringify(manifest))],
    [`${image.id.slice(7)}.json`, image.config],
    ...layers,
  ];
  for (const [path, content] of files) {
    const size = Buffer.isBuffer(content) ? content.length : content.sizeBytes;
    const entry = tar.entry({ name: path, size, mtime: new Date(0) });
    const bytes = Buffer.isBuffer(content) ? Readable.from([content]) : content.open(0);
    await pipeline(bytes, entry as unknown as Writable);
  }
  tar.finalize();
}
