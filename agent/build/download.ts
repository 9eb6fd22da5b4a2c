// ADD of a URL: the file, with the date that the server gives it.
import { createWriteStream } from "node:fs";
import { chmod, mkdir, utimes } from "node:fs/promises";
import { posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { FairleadError } from "../../resources/model/errors.ts";
import { DigestStream } from "../images/digest.ts";
import { openRemote } from "../images/remote.ts";

export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

export function isGit(text: string): boolean {
  return /^(git:\/\/|git@|ssh:\/\/)/i.test(text) || /^https?:\/\/.*\.git(#|$)/i.test(text);
}

/** Stores it in a folder under the name that the URL ends with; returns that name. */
export async function download(
  url: string,
  folder: string,
  checksum: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const name = posix.basename(new URL(url).pathname) || "index.html";
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const remote = await openRemote(url, signal);
  const path = `${folder}/${name}`;
  const hashing = new DigestStream();
  try {
    await pipeline(remote.stream, hashing, createWriteStream(path, { mode: 0o600, flags: "wx" }));
  } finally {
    await remote.close();
  }
  const digest = hashing.digest();
  if (checksum !== undefined && checksum !== digest) {
    throw new FairleadError("invalid", `${url} has the digest ${digest}, not ${checksum}`);
  }
  await chmod(path, 0o600);
  // Without a date of the server's: always the same one, so that the cache knows it again.
  await utimes(path, 0, 0);
  return name;
}
