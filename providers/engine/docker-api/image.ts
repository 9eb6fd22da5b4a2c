// One image of a host, by its id or name.
import type { ImageInspect } from "@docker/node-sdk";
import type { DockerClient } from "./client.ts";

/** Slashes and colons of a name stand as they are. */
export function imagePath(name: string, rest = ""): string {
  return `/images/${name}${rest}`;
}

/** What the engine tells of it. */
export function inspectImage(
  client: DockerClient,
  name: string,
  signal?: AbortSignal,
): Promise<ImageInspect> {
  return client.json({ method: "GET", path: imagePath(name, "/json"), signal });
}
