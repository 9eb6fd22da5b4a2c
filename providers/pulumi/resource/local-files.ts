// The files of this machine that an object is given: whether what is in them has changed, which no
// input tells.
import type { File } from "../../../resources/kinds/container/mount.ts";
import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { hashContent, hashSecret, reveal, Secret } from "../../../resources/model/secret.ts";
import { readSource } from "../../engine/project-files/file-source.ts";
import type { PulumiObject } from "../value.ts";
import { fieldsOf } from "./declaration.ts";

/** Puts contents in place of sources; true when there were sources. */
export async function readLocalFiles(
  kind: Kind,
  fields: Record<string, unknown>,
): Promise<boolean> {
  const field = kindOf(kind).localFiles;
  const given = filesIn(kind, fields);
  if (field === undefined || given.every(({ source }) => source === undefined)) return false;
  const read = await Promise.all(given.map(readSource));
  fields[field] = read.map((one, at) => (typeof one === "string" ? given[at] : one));
  return true;
}

/**
 * A digest of the files that the inputs name by `source`: empty when they name none, undefined when
 * one of them cannot be read.
 */
export async function filesDigest(
  kind: Kind,
  urn: string,
  inputs: PulumiObject,
): Promise<string | undefined> {
  const named = filesIn(kind, fieldsOf(kind, inputs)).filter(({ source }) => source !== undefined);
  if (named.length === 0) return "";
  const read = await Promise.all(named.map(readSource));
  const contents = read.flatMap((one) => {
    return typeof one === "string" ? [] : [[one.target, reveal(one.content ?? "")]];
  });
  if (contents.length < named.length) return undefined;
  // Salted with the resource, as secrets may be in them.
  return hashContent(hashSecret(new Secret(JSON.stringify(contents)), urn));
}

function filesIn(kind: Kind, fields: Record<string, unknown>): File[] {
  const given = fields[kindOf(kind).localFiles ?? ""];
  return (Array.isArray(given) ? given : []) as File[];
}
