// Finds out before planning what the images of a stack would be built from, and on which host each
// is built: once for all hosts of a platform, so that all of them have the same image.
import { FairleadError } from "../../../resources/model/errors.ts";
import { InvalidDeclaration, joinPath } from "../../../resources/model/problem.ts";
import { BUILD_LABEL, buildLabel, labelledParts } from "../../../resources/plan/build.ts";
import { type ImageTargets, imageKey, type Observed } from "../../../resources/plan/observed.ts";
import { type Placed, pathOf } from "../../../resources/plan/resource.ts";
import type { Resolved } from "../../../resources/stack/resolve.ts";
import type { Resource } from "../../../resources/stack/stack.ts";
import { comparable, type ProjectEntry } from "../../../resources/wire.ts";
import { ifThere } from "../allowing.ts";
import type { EngineClient } from "../engine.ts";
import { type LocalBuild, readBuild } from "../image-build/local.ts";
import { type BuiltSpec, contextName } from "../image-build/request.ts";
import type { LocalFiles } from "../project-files/scan.ts";

type BuiltImage = Placed<BuiltSpec>;

/** Reads what images are built from; each is read once, whoever asks. */
export class LocalBuilds {
  readonly #images: readonly BuiltImage[];
  readonly #read = new Map<string, Promise<LocalBuild>>();

  constructor(resources: readonly Resolved[]) {
    this.#images = resources.filter(isBuilt);
  }

  of(resource: BuiltImage): Promise<LocalBuild> {
    return this.#of(resource, []);
  }

  /** `above` are the images for whose sake it is read. */
  #of({ spec, host }: BuiltImage, above: readonly string[]): Promise<LocalBuild> {
    const { name } = spec;
    if (above.includes(name)) {
      const circle = [...above.slice(above.indexOf(name)), name].join(" of ");
      throw new FairleadError("invalid", `images are built from each other: ${circle}`);
    }
    const key = `${name} ${JSON.stringify([spec.build, spec.platform])}`;
    const known = this.#read.get(key);
    if (known !== undefined) return known;
    const reading = readBuild(spec, async (image) => {
      const base = this.#images.find((one) => one.host === host && one.spec.name === image);
      return base && (await this.#of(base, [...above, name])).parts;
    });
    this.#read.set(key, reading);
    return reading;
  }
}

/** Whether a resource is an image that is built. */
export function isBuilt<R extends Resource>(
  resource: R,
): resource is Extract<R, { kind: "image" }> & { spec: BuiltSpec } {
  return resource.kind === "image" && resource.spec.build !== undefined;
}

/** The targets of the images that are built, by `imageKey`. */
export async function buildTargets(
  resources: readonly Resolved[],
  builds: LocalBuilds,
  engines: ReadonlyMap<string, EngineClient>,
  signal?: AbortSignal,
): Promise<ImageTargets> {
  const targets: ImageTargets = new Map();
  const images = resources.filter(isBuilt).filter(({ host }) => engines.has(host));
  const platforms = new Map<string, string>();
  for (const { host } of images) {
    if (platforms.has(host)) continue;
    platforms.set(host, await engines.get(host)!.platform(signal));
  }
  // One after the other: each may be the base of another.
  for (const resource of images) {
    const { parts } = await builds.of(resource);
    const host = builderOf(resource, images, platforms);
    const build = { host, parts };
    targets.set(imageKey(resource.host, resource.spec.name), { from: "build", build });
  }
  return targets;
}

function builderOf(
  resource: BuiltImage,
  images: readonly BuiltImage[],
  platforms: ReadonlyMap<string, string>,
): string {
  const { spec, host, builder } = resource;
  const wanted = spec.platform ?? platforms.get(host)!;
  const fitting = images.filter(
    (one) => one.spec.name === spec.name && isOf(platforms.get(one.host)!, wanted),
  );
  const [first] = fitting;
  if (first === undefined) {
    const path = joinPath(...pathOf(resource), "platform");
    const has = `${host} is ${platforms.get(host)}`;
    const message = `${has}, and an image for ${wanted} is built on such a host alone`;
    const hint = "Build it on a host of that platform: x-fairlead.builder names one.";
    throw new InvalidDeclaration([{ path, message, hint }]);
  }
  return fitting.find((one) => one.host === builder)?.host ?? first.host;
}

/** Whether a host of a platform runs the files of another; a host tells no variant. */
function isOf(has: string, wanted: string): boolean {
  const [os, architecture] = wanted.split("/");
  return has === `${os}/${architecture}` || has.startsWith(`${os}/${architecture}/`);
}

/** Tells which files differ from those that an image was built from, where a host knows them. */
export async function withChangedFiles(
  targets: ImageTargets,
  resources: readonly Resolved[],
  builds: LocalBuilds,
  engines: ReadonlyMap<string, EngineClient>,
  observed: Observed,
  signal?: AbortSignal,
): Promise<void> {
  for (const resource of resources.filter(isBuilt)) {
    const { host, spec } = resource;
    const build = targets.get(imageKey(host, spec.name))?.build;
    const engine = engines.get(host);
    if (build?.host !== host || !engine?.can.builds) continue;
    const seen = observed.get(host)?.images.get(spec.name)?.Config?.Labels?.[BUILD_LABEL];
    const before = labelledParts(seen);
    if (before === undefined || buildLabel(before) === buildLabel(build.parts)) continue;
    if (before.context === build.parts.context) continue;
    const { context } = await builds.of(resource);
    if (context === undefined) continue;
    const state = engine.images.contextState(contextName(spec.name), signal);
    // An agent that is older than builds knows of none.
    const { entries = [] } = (await ifThere(state)) ?? {};
    if (entries.length > 0) build.files = changedNames(context, entries);
  }
}

function changedNames({ manifest }: LocalFiles, before: readonly ProjectEntry[]): string[] {
  const print = (one: ProjectEntry) => JSON.stringify(comparable(one));
  const there = new Map(before.map((one) => [one.path, print(one)]));
  const here = new Map(manifest.entries.map((one) => [one.path, print(one)]));
  const isFolder = new Set(
    [...before, ...manifest.entries].flatMap((one) => (one.type === "folder" ? one.path : [])),
  );
  const names = [...new Set([...here.keys(), ...there.keys()])];
  const moved = names.filter((name) => here.get(name) !== there.get(name));
  const files = moved.filter((name) => !isFolder.has(name));
  return (files.length > 0 ? files : moved).sort();
}
