// What a build is asked for, once the request was read.
import type { HostConfig } from "@docker/node-sdk";
import type { BuildEvent } from "../../resources/wire.ts";
import type { Variables } from "./dockerfile/expand.ts";

export interface BuildRequest {
  /** Folder with the build's context, which nobody changes meanwhile; undefined for none. */
  context: string | undefined;
  dockerfile: string;
  args: Variables;
  labels: Readonly<Record<string, string>>;
  target: string | undefined;
  /** `os/architecture[/variant]`; the host's own without. */
  platform: string | undefined;
  /** Full names that the image gets. */
  tags: readonly string[];
  /** Build every step anew. */
  noCache: boolean;
  /** Pull base images also when they are here. */
  pull: boolean;
  /** The network of RUN, and limits of its containers. */
  hostConfig: HostConfig;
  /** Named contexts: folders, or `docker-image://NAME`. */
  contexts: ReadonlyMap<string, string>;
  secrets: ReadonlyMap<string, Buffer>;
  /** The X-Registry-Auth header for a registry's host, when the client has one. */
  authFor(host: string): string | undefined;
  /** The name of the step that is under way; empty before the first. */
  step: string;
  tell(event: BuildEvent): void;
  signal: AbortSignal;
}

/** Tells what the step under way writes. */
export function write({ step, tell }: BuildRequest, text: string): void {
  tell({ step, text });
}

/** Known to every command undeclared, and written into no image (Dockerfile reference). */
const PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"].flatMap(
  (name) => [name, name.toLowerCase()],
);

/** The variables of proxies that a build was given, for the environment of its commands. */
export function proxiesOf({ args }: BuildRequest): string[] {
  return PROXIES.flatMap((name) => {
    const value = args.get(name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
}

/** Seconds since 1970 that no date in the image is later than. */
export function latestOf({ args }: BuildRequest): number | undefined {
  const text = args.get("SOURCE_DATE_EPOCH");
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
