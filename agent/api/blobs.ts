// The routes by which a client brings images without a registry: which blobs are missing, the blobs
// themselves, and the image made of them.
import { pipeline } from "node:stream/promises";
import { FairleadError } from "../../resources/model/errors.ts";
import {
  type MissingBlobsAnswer,
  makeImageRequest,
  missingBlobsRequest,
  type StoredImage,
} from "../../resources/wire.ts";
import { manifestOf, missingBlobs } from "../objects/image/documents.ts";
import type { Images } from "../objects/image/images.ts";
import { AGENT_HEADERS } from "./call.ts";
import { decode } from "./json.ts";
import { streamProgress } from "./progress.ts";
import type { Call, Reply, Route } from "./route.ts";

const DIGEST = /^sha256:[a-f0-9]{64}$/;

export function blobRoutes(images: Images): Route[] {
  return [
    { method: "POST", path: "/fairlead/blobs/missing", handle: (call) => missing(call, images) },
    { method: "HEAD", path: "/fairlead/blobs/:digest", handle: (call) => size(call, images) },
    { method: "GET", path: "/fairlead/blobs/:digest", handle: (call) => get(call, images) },
    { method: "PUT", path: "/fairlead/blobs/:digest", handle: (call) => put(call, images) },
    { method: "GET", path: "/fairlead/images/*", handle: (call) => stored(call, images) },
    { method: "POST", path: "/fairlead/images", handle: (call) => make(call, images) },
  ];
}

async function missing(call: Call, { content }: Images): Promise<Reply> {
  const { digests } = decode(missingBlobsRequest, await call.json());
  const missing = await missingBlobs(content, digests);
  return { body: { missing } satisfies MissingBlobsAnswer };
}

/** 200 with a whole blob's size as Content-Length; 206 with the bytes here of an unfinished one. */
async function size(call: Call, { content }: Images): Promise<Reply> {
  const digest = digestOf(call);
  const whole = await content.blobs.size(digest);
  const held = whole ?? (await content.blobs.partialSize(digest));
  if (whole === undefined && held === 0) {
    throw new FairleadError("not_found", `no blob ${digest} in the store`);
  }
  const status = whole === undefined ? 206 : 200;
  return { status, headers: { "Content-Length": String(held) }, text: "" };
}

/** The bytes of a whole blob, from `Range: bytes=FIRST-` on; who takes them checks the digest. */
async function get(call: Call, { content }: Images): Promise<void> {
  const digest = digestOf(call);
  const size = await content.blobs.size(digest);
  if (size === undefined) throw new FairleadError("not_found", `no blob ${digest} in the store`);
  const [, first = "0"] = /^bytes=(\d{1,15})-$/.exec(call.request.headers.range ?? "") ?? [];
  const offset = Math.min(Number(first), size);
  call.response.writeHead(offset === 0 ? 200 : 206, {
    ...AGENT_HEADERS,
    "Content-Type": "application/octet-stream",
    "Content-Length": String(size - offset),
    ...(offset === 0 ? {} : { "Content-Range": `bytes ${offset}-${size - 1}/${size}` }),
  });
  if (offset === size) {
    call.response.end();
    return;
  }
  await content.leases.during(async (keep) => {
    keep(digest);
    // A client that goes away is no failure of ours.
    await pipeline(content.blobs.stream(digest, offset), call.response).catch(() => undefined);
  });
}

/** The digest of the manifest under which all blobs of an image are here. */
async function stored(call: Call, images: Images): Promise<Reply> {
  const name = call.params["*"] ?? "";
  const found = await images.find(name);
  if (found === undefined) throw new FairleadError("not_found", `No such image: ${name}`);
  const manifest = await manifestOf(images.content, found.id);
  return { body: { id: found.id, manifest } satisfies StoredImage };
}

/** 201 when the blob is whole and right, 202 with the Range that is here when more is to come. */
async function put(call: Call, { content }: Images): Promise<Reply> {
  const digest = digestOf(call);
  const { offset, total } = readRange(call);
  const { request, signal } = call;
  const complete = await content.blobs.append(
    { digest, signal, ...(total === undefined ? {} : { sizeBytes: total }) },
    { stream: request, offset },
  );
  request.resume();
  if (complete) return { status: 201 };
  const held = await content.blobs.partialSize(digest);
  return { status: 202, headers: { Range: `bytes=0-${held - 1}` } };
}

async function make(call: Call, images: Images): Promise<void> {
  const { name, manifest } = decode(makeImageRequest, await call.json());
  await streamProgress(call, async (progress) => {
    const id = await images.make(name, manifest, { progress, signal: call.signal });
    progress({ status: "Image made", id });
  });
}

/** `Content-Range: bytes FIRST-LAST/TOTAL`, else the whole by Content-Length. */
function readRange(call: Call): { offset: number; total: number | undefined } {
  const { headers } = call.request;
  const range = headers["content-range"];
  if (range === undefined) {
    const length = headers["content-length"];
    return { offset: 0, total: length === undefined ? undefined : Number(length) };
  }
  const [, first, total] = /^bytes (\d{1,15})-\d{0,15}\/(\d{1,15})$/.exec(range) ?? [];
  if (first === undefined || total === undefined) {
    throw new FairleadError("invalid", "Content-Range is not `bytes FIRST-LAST/TOTAL`");
  }
  return { offset: Number(first), total: Number(total) };
}

function digestOf(call: Call): string {
  const { digest = "" } = call.params;
  if (!DIGEST.test(digest))
    throw new FairleadError("invalid", "the blob's name is no sha256 digest");
  return digest;
}
