// Which registries a Dockerfile may fetch images from, so that their credentials, and no others, go
// with the build. Pure; what cannot be told from the text is left to the host.
import type { ImageBuild } from "../../../resources/kinds/image/build.ts";
import { parseReference } from "../../../resources/model/reference.ts";
import { reveal } from "../../../resources/model/secret.ts";
import type { LocalBuild } from "./local.ts";

const DOCKER_HUB = "https://index.docker.io/v1/";

/** By the key that Docker has for a registry, an image that is fetched from there. */
export function registriesOf(
  { dockerfile, contexts }: Pick<LocalBuild, "dockerfile" | "contexts">,
  { args = {} }: ImageBuild,
): Map<string, string> {
  const values = new Map<string, string>();
  const images: string[] = [];
  for (const line of dockerfile.replace(/[\\`]\r?\n/g, " ").split(/\r?\n/)) {
    const [, name, value = ""] = /^\s*ARG\s+(\w+)(?:=["']?([^"'\s]*)["']?)?/i.exec(line) ?? [];
    if (name !== undefined) values.set(name, value);
    const from = /^\s*FROM\s+(?:--\S+\s+)*(\S+)/i.exec(line)?.[1];
    if (from !== undefined) images.push(from);
    for (const [, copied] of line.matchAll(/\bfrom=([^\s,]+)/g)) images.push(copied!);
  }
  for (const [name, value] of Object.entries(args)) values.set(name, reveal(value));
  for (const one of contexts.values()) if ("image" in one) images.push(one.image);
  const found = new Map<string, string>();
  for (const image of images) {
    const name = image.replace(
      /\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))/g,
      (_all, braced: string | undefined, fallback: string | undefined, plain: string | undefined) =>
        values.get(braced ?? plain ?? "") || (fallback ?? ""),
    );
    const domain = domainOf(name);
    if (domain !== undefined) found.set(domain === "docker.io" ? DOCKER_HUB : domain, name);
  }
  return found;
}

function domainOf(name: string): string | undefined {
  try {
    return parseReference(name).domain;
  } catch {
    return undefined;
  }
}
