// Reads the files that objects are given from this machine, before a plan is made.
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { File } from "../../../resources/kinds/container/mount.ts";
import { kindOf } from "../../../resources/kinds/registry.ts";
import { InvalidDeclaration, joinPath, type Problem } from "../../../resources/model/problem.ts";
import { Secret } from "../../../resources/model/secret.ts";
import { pathOf } from "../../../resources/plan/resource.ts";
import type { Resource, Stack } from "../../../resources/stack/stack.ts";

const MOST_BYTES = 1024 * 1024;

/** The stack with the content of every source in place of its path; all problems at once. */
export async function readFileSources(stack: Stack): Promise<Stack> {
  const problems: Problem[] = [];
  const resources = await Promise.all(
    stack.resources.map(async (resource) => {
      const field = kindOf(resource.kind).localFiles ?? "";
      const given = (resource.spec as { [field: string]: unknown })[field] as File[] | undefined;
      if (given === undefined) return resource;
      const files = await Promise.all(
        given.map(async (file, at) => {
          const found = await readSource(file);
          if (typeof found !== "string") return found;
          problems.push({
            path: joinPath(...pathOf(resource), field, at, "source"),
            message: found,
          });
          return file;
        }),
      );
      return { ...resource, spec: { ...resource.spec, [field]: files } } as Resource;
    }),
  );
  if (problems.length > 0) throw new InvalidDeclaration(problems);
  return { ...stack, resources };
}

/** The file with its content in place of its source, or what is wrong. */
export async function readSource(file: File): Promise<File | string> {
  const { source, ...rest } = file;
  if (source === undefined) return file;
  let bytes: Buffer;
  try {
    bytes = await readBounded(source);
  } catch (error) {
    return `${source} cannot be read: ${(error as Error).message}`;
  }
  if (bytes.length > MOST_BYTES) return `${source} is larger than 1 MiB`;
  const base64 = bytes.toString("base64");
  const content = file.secret ? new Secret(base64) : base64;
  return { ...rest, content, encoding: "base64" };
}

/** At most one byte more than 1 MiB of a regular file. */
export async function readBounded(path: string): Promise<Buffer> {
  // A pipe without a writer would be waited for without an end.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await handle.stat()).isFile()) throw new Error("it is not a file");
    const buffer = Buffer.alloc(MOST_BYTES + 1);
    let length = 0;
    while (length < buffer.length) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await handle.close();
  }
}
