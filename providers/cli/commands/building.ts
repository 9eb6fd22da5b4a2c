// Builds the images of services and nothing else: for fairlead build, and before up --build.

import { imagesAmong } from "../../../resources/kinds/image/plan.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { familiarReference, parseReference } from "../../../resources/model/reference.ts";
import { secret } from "../../../resources/model/secret.ts";
import { addressOf } from "../../../resources/plan/resource.ts";
import type { Stack } from "../../../resources/stack/stack.ts";
import { imageNameOf } from "../../compose/translate/build.ts";
import { isBuilt } from "../../engine/targets/build-targets.ts";
import type { ProgressKind } from "../screen/progress.ts";
import type { HostSession, Loaded } from "../session/host-session.ts";
import { unknownService } from "../session/host-session.ts";
import { carriedOut, connecting } from "./applying.ts";
import { planned } from "./planning.ts";

export interface BuildFlags {
  /** False with --no-cache. */
  cache?: boolean;
  pull?: boolean;
  buildArg?: string[];
  progress?: ProgressKind;
  dryRun?: boolean;
}

/** Builds, and brings what one host built to the others; all services without names. */
export async function buildImages(
  session: HostSession,
  loaded: Loaded,
  services: readonly string[],
  flags: BuildFlags,
  isPart = false,
): Promise<void> {
  const { progress = "auto", dryRun } = flags;
  if (!["auto", "plain", "quiet"].includes(progress)) {
    throw new FairleadError("invalid", `${progress} is no kind of progress`, {
      path: "--progress",
      hint: "There are auto, plain and quiet.",
    });
  }
  const stack = withOptions(onlyImages(loaded, services), flags);
  if (stack.resources.length === 0) {
    if (session.screen.json) session.screen.value({ plan: null, result: null });
    else session.screen.note("Nothing to build: no service has build:.");
    return;
  }
  // The stack has images alone: whatever else is on the hosts is no orphan, and stays as it is.
  const keeping = { rebuild: true, removeOrphans: false } as const;
  const more = { ...connecting(session, { dryRun: dryRun === true }), ...keeping };
  const made = await planned(session, { ...loaded, stack }, [], {}, more);
  const own = new Set(stack.resources.map(addressOf));
  const operations = made.operations.filter((one) => own.has(addressOf(one)));
  const images = { ...made, operations, orphans: [], notes: [] };
  const shown = { yes: true, dryRun: dryRun === true, progress, isPart };
  await carriedOut(session, { ...loaded, stack }, images, shown);
}

/** The images of these services that are built, and those that they are built from. */
function onlyImages({ stack, project }: Loaded, services: readonly string[]): Stack {
  const { model } = project;
  const names = services.map((name) => {
    const service = Object.hasOwn(model.services, name) ? model.services[name] : undefined;
    if (service === undefined) throw unknownService(name, Object.keys(model.services));
    return familiarReference(parseReference(imageNameOf(name, service, project.name)));
  });
  const built = stack.resources.filter(isBuilt);
  const wanted = new Set(services.length === 0 ? built.map(({ spec }) => spec.name) : names);
  for (const name of wanted) {
    const found = built.find(({ spec }) => spec.name === name);
    for (const base of imagesAmong(found?.spec.build.contexts)) wanted.add(base);
  }
  const { files: _, ...rest } = stack;
  return { ...rest, resources: built.filter(({ spec }) => wanted.has(spec.name)) };
}

function withOptions(stack: Stack, { cache, pull, buildArg = [] }: BuildFlags): Stack {
  const given = Object.fromEntries(
    buildArg.map((text) => {
      const cut = text.indexOf("=");
      const name = cut < 0 ? text : text.slice(0, cut);
      return [name, secret(cut < 0 ? (process.env[name] ?? "") : text.slice(cut + 1))];
    }),
  );
  const resources = stack.resources.map((one) => {
    if (!isBuilt(one)) return one;
    const build = {
      ...one.spec.build,
      ...(cache === false && { noCache: true }),
      ...(pull && { pull: true }),
      ...(buildArg.length > 0 && { args: { ...one.spec.build.args, ...given } }),
    };
    return { ...one, spec: { ...one.spec, build } };
  });
  return { ...stack, resources };
}

/** The stack in which nothing is built: what is missing is missed. */
export function withoutBuilds(stack: Stack): Stack {
  const resources = stack.resources.flatMap((one) => {
    if (!isBuilt(one)) return [one];
    const { build: _, ...spec } = one.spec;
    return one.isBase ? [] : [{ ...one, spec: { ...spec, pull: "never" as const } }];
  });
  return { ...stack, resources };
}

/** The services whose image is built with every up. */
export function alwaysBuilt({ project }: Loaded): string[] {
  return Object.entries(project.model.services).flatMap(([name, service]) =>
    service.pull_policy === "build" && service.build !== undefined ? [name] : [],
  );
}
