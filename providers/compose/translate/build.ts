// How the image of a service is built: everything of `build:` is honoured or refused by name.

import { isRepository } from "../../../resources/kinds/image/build.ts";
import type { ImageInput } from "../../../resources/kinds/image/image.ts";
import { secret } from "../../../resources/model/secret.ts";
import { parseBytes } from "../../../resources/model/units.ts";
import type { Path } from "../document/node.ts";
import type { FileReference, Service } from "../model/types.ts";
import type { Translation } from "./context.ts";
import { KEY } from "./extension.ts";
import { contentOf } from "./files.ts";
import { given } from "./source.ts";

type Build = NonNullable<Service["build"]>;
type BuildInput = NonNullable<ImageInput["build"]>;

/** What an engine of ours has no part in. */
const REFUSED: Readonly<Record<string, string>> = {
  cache_to: "The host that builds keeps its cache; push the image to share it.",
  entitlements: "A build has the rights of an ordinary container.",
  ssh: "Give what the step needs as a secret.",
};

/** The name of a service's image, as Compose gives it to one that has none. */
export function imageNameOf(name: string, service: Service, project: string): string {
  return service.image ?? `${project}-${name}`;
}

/** The declaration of a service's build; problems are reported. */
export function buildOf(
  name: string,
  service: Service,
  limit: string | undefined,
  translation: Translation,
): Pick<ImageInput, "build" | "platform"> {
  const build = service.build!;
  const path = ["services", name, "build"];
  refuseUnsupported(build, path, translation);
  if (service.pull_policy === "always" || service.pull_policy === "missing") {
    translation.warn(["services", name, "pull_policy"], "has no effect: the image is built");
  }
  const limitBytes = limit === undefined ? undefined : parseBytes(limit);
  if (limit !== undefined && limitBytes === undefined) {
    const hint = "Write 500m or 4g.";
    translation.refuse([KEY, "context_limit"], `${limit} is not a size`, hint);
  }
  const input = given<BuildInput>({
    context: folderOf(build.context, [...path, "context"], translation),
    dockerfile: build.dockerfile_inline === undefined ? build.dockerfile : undefined,
    dockerfileInline: build.dockerfile_inline,
    target: build.target,
    args: argsOf(build),
    contexts: contextsOf(build, path, translation),
    secrets: secretsOf(build.secrets, path, translation),
    labels: build.labels,
    tags: build.tags,
    network: build.network,
    extraHosts: hostsOf(build.extra_hosts),
    shmSize: build.shm_size === undefined ? undefined : Number(build.shm_size),
    ulimits: limitsOf(build),
    pull: build.pull,
    noCache: build.no_cache,
    limit: limitBytes,
  });
  return { build: input, ...platformOf(service, path, translation) };
}

function refuseUnsupported(build: Build, path: Path, translation: Translation): void {
  for (const [key, hint] of Object.entries(REFUSED)) {
    const value = build[key as keyof Build];
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue;
    translation.refuse([...path, key], "is not supported", hint);
  }
  if (build.privileged) {
    const hint = "A build has the rights of an ordinary container.";
    translation.refuse([...path, "privileged"], "is not supported", hint);
  }
  if (build.isolation !== undefined && build.isolation !== "default") {
    translation.refuse([...path, "isolation"], "is not supported on Linux", "Remove it.");
  }
  for (const key of ["provenance", "sbom"] as const) {
    if (build[key] === undefined || build[key] === "false") continue;
    translation.refuse([...path, key], "attestations are not made", "Remove it.");
  }
  if ((build.cache_from ?? []).length > 0) {
    const what = "has no effect: the host has a cache of its own for what it built";
    translation.warn([...path, "cache_from"], what);
  }
}

const ELSEWHERE = /^[a-z][a-z+.-]*:\/\//;

function folderOf(
  place: string | undefined,
  path: Path,
  translation: Translation,
): string | undefined {
  if (place === undefined || isRepository(place) || !ELSEWHERE.test(place)) return place;
  const hint = "A repository of https ends in .git; fetch anything else before.";
  translation.refuse(path, `${place} is neither a folder here nor a git repository`, hint);
  return undefined;
}

function argsOf({ args }: Build): BuildInput["args"] {
  if (args === undefined) return undefined;
  // What comes from the environment may be a password, though an argument is a bad place for one.
  const set = Object.entries(args).flatMap(([name, value]) =>
    value === null ? [] : [[name, secret(value)] as const],
  );
  return set.length === 0 ? undefined : Object.fromEntries(set);
}

function contextsOf(build: Build, path: Path, translation: Translation): BuildInput["contexts"] {
  const { model, name: project } = translation.project;
  const all = Object.entries(build.additional_contexts ?? {}).flatMap(([name, place]) => {
    const at = [...path, "additional_contexts", name];
    if (place.startsWith("docker-image://")) return [[name, place] as const];
    const service = /^service:(.*)$/.exec(place)?.[1];
    if (service === undefined) {
      const folder = folderOf(place, at, translation);
      return folder === undefined ? [] : [[name, folder] as const];
    }
    const other = Object.hasOwn(model.services, service) ? model.services[service] : undefined;
    if (other?.build === undefined) {
      const what = other === undefined ? "there is no service" : "nothing builds the service";
      translation.refuse(at, `${what} ${service}`, "Name a service with build:, or a folder.");
      return [];
    }
    return [[name, `docker-image://${imageNameOf(service, other, project)}`] as const];
  });
  return all.length === 0 ? undefined : Object.fromEntries(all);
}

/** The services whose images a service's image is built from. */
export function basesOf({ build }: Service): string[] {
  return Object.values(build?.additional_contexts ?? {}).flatMap(
    (place) => /^service:(.*)$/.exec(place)?.[1] ?? [],
  );
}

function secretsOf(
  references: readonly FileReference[] | undefined,
  path: Path,
  translation: Translation,
): BuildInput["secrets"] {
  const found = (references ?? []).flatMap((reference, index) => {
    const { source, target = source } = reference;
    for (const key of ["uid", "gid", "mode"] as const) {
      if (reference[key] === undefined) continue;
      const what = "has no effect: the --mount of the step says it";
      translation.warn([...path, "secrets", index, key], what);
    }
    const object = translation.project.model.secrets?.[source];
    const content = object && contentOf("secrets", source, object, translation);
    if (content === undefined) return [];
    const { source: file, content: value = "" } = content;
    return [[target, file === undefined ? { content: value } : { source: file }] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function hostsOf(lines: readonly string[] | undefined): BuildInput["extraHosts"] {
  if (lines === undefined) return undefined;
  const hosts: Record<string, string[]> = {};
  for (const line of lines) {
    const cut = line.indexOf("=");
    const name = line.slice(0, cut);
    hosts[name] = [...(hosts[name] ?? []), line.slice(cut + 1)];
  }
  return hosts;
}

function limitsOf({ ulimits }: Build): BuildInput["ulimits"] {
  if (ulimits === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(ulimits).map(([name, limit]) => [
      name,
      typeof limit === "object" && limit !== null
        ? { soft: Number(limit.soft), hard: Number(limit.hard) }
        : { soft: Number(limit), hard: Number(limit) },
    ]),
  );
}

/** Of several platforms each host builds its own. */
function platformOf(
  { platform, build }: Service,
  path: Path,
  translation: Translation,
): Pick<ImageInput, "platform"> {
  const platforms = build?.platforms ?? [];
  const only = platform ?? (platforms.length === 1 ? platforms[0] : undefined);
  if (only !== undefined) return { platform: only };
  if (platforms.length > 1) {
    translation.warn([...path, "platforms"], "each host builds for its own platform alone");
  }
  return {};
}
