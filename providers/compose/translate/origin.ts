// Leads problems of the resources back to where the Compose file says what they complain about.
import type { InvalidDeclaration, Problem } from "../../../resources/model/problem.ts";
import { normalizeReference } from "../../../resources/model/reference.ts";
import { nearest, type Path } from "../document/node.ts";
import { ComposeError, Problems } from "../document/problem.ts";
import type { Project } from "../model/load.ts";
import { imageNameOf } from "./build.ts";
import { Translation } from "./context.ts";
import type { Replica } from "./placement.ts";

/** Compose's names of fields that have another one; the others differ in case only. */
const KEYS: Readonly<Record<string, string>> = {
  env: "environment",
  files: "secrets",
  mounts: "volumes",
  blockIo: "blkio_config",
  cpuRealtimePeriod: "cpu_rt_period",
  cpuRealtimeRuntime: "cpu_rt_runtime",
  memorySwappiness: "mem_swappiness",
  memory: "mem_limit",
  memoryReservation: "mem_reservation",
  memorySwap: "memswap_limit",
  name: "container_name",
  pull: "pull_policy",
  ipc: "ipc",
  userns: "userns_mode",
  cgroupns: "cgroup",
  dnsOptions: "dns_opt",
};

/** What is wrong with a stack, or between it and its hosts, as one error about the files. */
export function atTheirPlaces(
  error: InvalidDeclaration,
  project: Project,
  replicas: readonly Replica[],
): ComposeError {
  const problems = new Problems();
  addDeclared(error.problems, replicas, new Translation(project, problems));
  return new ComposeError(problems.found);
}

/** Adds problems of a checked stack at their places in the files. */
export function addDeclared(
  found: readonly Problem[],
  replicas: readonly Replica[],
  translation: Translation,
): void {
  for (const problem of found) {
    const path = composePath(problem.path, replicas, translation.project);
    const node = nearest(translation.project.tree, path);
    translation.problems.add(node, path, problem.message, problem.hint);
  }
}

function composePath(text: string, replicas: readonly Replica[], project: Project): Path {
  const [kind = "", name = "", field, ...rest] = parts(text);
  if (kind === "hosts") return ["x-fairlead", "hosts", name, ...(field ? [field] : []), ...rest];
  if (kind === "networks" || kind === "volumes") return [kind, name, ...sharedPath(field), ...rest];
  const replica = replicas.find((one) => one.name === name);
  const service = replica?.service ?? name;
  const built = kind === "images" ? builtBy(name, project) : undefined;
  if (built !== undefined) {
    const keys = rest.map((part) => BUILD_KEYS[part] ?? composeKey(part));
    return ["services", built, field ?? "build", ...keys];
  }
  if (kind === "images") return ["x-fairlead", "image", name, ...(field ? [field] : [])];
  if (kind !== "containers") return [kind, ...(name === "" ? [] : [name])];
  if (field === undefined) return ["services", service];
  const inner = rest.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  return ["services", service, composeKey(field), ...inner];
}

const BUILD_KEYS: Readonly<Record<string, string>> = { contexts: "additional_contexts" };

/** The service whose `build:` makes an image. */
function builtBy(image: string, { model, name: project }: Project): string | undefined {
  const normal = (name: string) => {
    try {
      return normalizeReference(name);
    } catch {
      return name;
    }
  };
  return Object.entries(model.services).find(
    ([name, service]) =>
      service.build !== undefined && normal(imageNameOf(name, service, project)) === normal(image),
  )?.[0];
}

// A field of a network or volume, of which Compose has those of its addresses in a map.
function sharedPath(field: string | undefined): Path {
  if (field === undefined) return [];
  if (field === "ipamDriver") return ["ipam", "driver"];
  if (field === "subnets") return ["ipam", "config"];
  return [field === "name" ? field : composeKey(field)];
}

/** What a Compose file calls a field. */
export function composeKey(field: string): string {
  return KEYS[field] ?? field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `a.b[0]["c d"]` taken apart. */
function parts(path: string): string[] {
  const found: string[] = [];
  for (const [, plain, index, quoted] of path.matchAll(
    /([^.[\]]+)|\[(\d+)\]|\["((?:[^"\\]|\\.)*)"\]/g,
  )) {
    found.push(plain ?? index ?? quoted ?? "");
  }
  return found;
}
