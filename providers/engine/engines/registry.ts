// The engines that a host's `engine` can name. One more is a folder beside this file and a line
// here; nothing else compares a name of one.
import { DEFAULT_ENGINE, type EngineName } from "../../../resources/kinds/host/host.ts";
import type { EngineKind } from "../connection/engine-kind.ts";
import { docker } from "./docker/docker.ts";
import { fairlead } from "./fairlead/fairlead.ts";
import { podman } from "./podman/podman.ts";

const ENGINES: Readonly<Record<EngineName, EngineKind>> = { fairlead, docker, podman };

/** The engine of a host that names it, or of one that names none. */
export function engineKind(name: EngineName = DEFAULT_ENGINE): EngineKind {
  return ENGINES[name];
}

/** Whether we bring an engine to its host and upgrade it; no for a name that is not known. */
export function isInstalled(name: string = DEFAULT_ENGINE): boolean {
  return known(name)?.isInstalled === true;
}

/** What people call an engine where its host is shown. */
export function engineTitle(name: string): string {
  return known(name)?.title ?? name;
}

// Plans and states name engines, too, and may be of another version.
function known(name: string): EngineKind | undefined {
  return Object.hasOwn(ENGINES, name) ? ENGINES[name as EngineName] : undefined;
}
