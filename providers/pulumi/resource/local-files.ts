// The files of this machine that a container is given: whether what is in them has changed, which
// no input tells.
import type { File } from "../../../resources/kinds/container/mount.ts";
import { hashContent, hashSecret, reveal, Secret } from "../../../resources/model/secret.ts";
import { readSource } from "../../engine/file-source.ts";
import type { PulumiObject } from "../value.ts";
import { fieldsOf } from "./declaration.ts";

/** Puts contents in place of sources; true when there were sources. */
export async function readLocalFiles(fields: Record<string, unknown>): Promise<boolean> {
  const given = (Array.isArray(fields.files) ? fields.files : []) as File[];
  if (given.every(({ source }) => source === undefined)) return false;
  const read = await Promise.all(given.map(readSource));
  fields.files = read.map((one, at) => (typeof one === "string" ? given[at] : one));
  return true;
}

/**
 * A digest of the files that the inputs name by `source`: empty when they name none, undefined when
 * one of them cannot be read.
 */
export async function filesDigest(urn: string, inputs: PulumiObject): Promise<string | undefined> {
  const { files } = fieldsOf("container", inputs);
  const given = (Array.isArray(files) ? files : []) as File[];
  const named = given.filter(({ source }) => source !== undefined);
  if (named.length === 0) return "";
  const read = await Promise.all(named.map(readSource));
  const contents = read.flatMap((one) => {
    return typeof one === "string" ? [] : [[one.target, reveal(one.content ?? "")]];
  });
  if (contents.length < named.length) return undefined;
  // Salted with the resource, as secrets may be in them.
  return hashContent(hashSecret(new Secret(JSON.stringify(contents)), urn));
}
