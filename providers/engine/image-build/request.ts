// What an engine that builds an image is asked for, as values: settings, contexts by the names that
// they have on the host, secrets, and the credentials of registries. Reads files here only.
import { createHash } from "node:crypto";
import type { ImageBuild } from "../../../resources/kinds/image/build.ts";
import type { ImageSpec } from "../../../resources/kinds/image/image.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { reveal } from "../../../resources/model/secret.ts";
import { BUILD_LABEL, buildLabel } from "../../../resources/plan/build.ts";
import { registryAuth } from "../image-source/credentials.ts";
import { readBounded } from "../project-files/file-source.ts";
import type { LocalFiles } from "../project-files/scan.ts";
import type { LocalBuild } from "./local.ts";
import { registriesOf } from "./registries.ts";

/** As BuildKit has it. */
const LARGEST_SECRET = 500 * 1024;

export type BuiltSpec = ImageSpec & { build: ImageBuild };

/** Everything that both requests say. */
export type BuildSettings = Awaited<ReturnType<typeof settingsOf>>;

export async function settingsOf({ name, build }: BuiltSpec, { parts, dockerfile }: LocalBuild) {
  const { args = {}, labels, tags = [], target, network, shmSize, noCache, pull } = build;
  const ulimits = Object.entries(build.ulimits ?? {}).map(([Name, { soft, hard }]) => ({
    ...{ Name, Soft: soft, Hard: hard },
  }));
  const extraHosts = Object.entries(build.extraHosts ?? {}).flatMap(([host, addresses]) =>
    addresses.map((address) => `${host}:${address}`),
  );
  return {
    dockerfile,
    tags: [name, ...tags],
    labels: { ...labels, [BUILD_LABEL]: buildLabel(parts) },
    args: Object.fromEntries(Object.entries(args).map(([key, value]) => [key, reveal(value)])),
    ...(target === undefined ? {} : { target }),
    ...(network === undefined ? {} : { network }),
    ...(shmSize === undefined ? {} : { shmSize }),
    ...(noCache ? { noCache } : {}),
    ...(pull ? { pull } : {}),
    ...(ulimits.length === 0 ? {} : { ulimits }),
    ...(extraHosts.length === 0 ? {} : { extraHosts }),
  };
}

/** The name under which a context of an image is kept on its host. */
export function contextName(image: string, context = ""): string {
  return `c${createHash("sha256").update(`${image}\0${context}`).digest("hex").slice(0, 40)}`;
}

/** The files that the contexts of a build have on its host, by the name there. */
export function filesOf(image: string, { context, contexts }: LocalBuild): [string, LocalFiles][] {
  const all = [...contexts, ...(context === undefined ? [] : [["", context] as const])];
  return all.flatMap(([name, files]): [string, LocalFiles][] =>
    "image" in files ? [] : [[contextName(image, name), files]],
  );
}

export function contextsOf(image: string, { context, contexts }: LocalBuild) {
  const named = [...contexts].map(([name, one]) => [
    name,
    "image" in one ? one : { delivered: contextName(image, name) },
  ]);
  return {
    ...(context === undefined ? {} : { context: contextName(image) }),
    ...(named.length === 0 ? {} : { contexts: Object.fromEntries(named) }),
  };
}

export async function secretsOf({ secrets = {} }: ImageBuild): Promise<Record<string, string>> {
  const all = Object.entries(secrets).map(async ([id, { source, content }]) => {
    if (source === undefined) {
      return [id, Buffer.from(reveal(content ?? "")).toString("base64")] as const;
    }
    const bytes = await readBounded(source).catch((error: Error) => {
      const message = `the secret ${id} cannot be read: ${error.message}`;
      throw new FairleadError("invalid", message, { path: source, cause: error });
    });
    if (bytes.length > LARGEST_SECRET) {
      throw new FairleadError("invalid", `the secret ${id} is larger than 500 KiB`, {
        path: source,
      });
    }
    return [id, bytes.toString("base64")] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

/** What is known of the registries that the build may fetch images from, in Docker's header. */
export async function registryConfig(
  { build }: BuiltSpec,
  local: LocalBuild,
): Promise<Record<string, string>> {
  const all: Record<string, unknown> = {};
  for (const [server, image] of registriesOf(local, build)) {
    const found = (await registryAuth(image))["X-Registry-Auth"];
    if (found === undefined) continue;
    all[server] = JSON.parse(Buffer.from(found, "base64url").toString("utf8"));
  }
  if (Object.keys(all).length === 0) return {};
  return { "X-Registry-Config": Buffer.from(JSON.stringify(all)).toString("base64") };
}
