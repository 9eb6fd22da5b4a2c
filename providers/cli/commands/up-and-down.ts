// fairlead up and fairlead down: make the plan, show it, and carry it out.

import { FairleadError } from "../../../resources/model/errors.ts";
import type { Plan } from "../../../resources/plan/operation.ts";
import { resourcesOf } from "../../../resources/stack/stack.ts";
import { printable } from "../../compose/document/printable.ts";
import type { HostSession, Loaded } from "../session/host-session.ts";
import { type ApplyFlags, carriedOut, connecting } from "./applying.ts";
import { alwaysBuilt, buildImages, withoutBuilds } from "./building.ts";
import { type PlanFlags, planned } from "./planning.ts";
import { projectContainers } from "./project-containers.ts";

export interface UpFlags extends PlanFlags, ApplyFlags {
  /** True with --build, false with --no-build. */
  build?: boolean;
}

export interface DownFlags extends UpFlags {
  volumes?: boolean;
  rmi?: string;
}

export async function upCommand(
  session: HostSession,
  services: readonly string[],
  flags: UpFlags,
): Promise<void> {
  const all = session.load(services, true, flags.scale);
  const loaded = flags.build === false ? { ...all, stack: withoutBuilds(all.stack) } : all;
  const made = await upPlan(session, loaded, services, flags);
  await carriedOut(session, loaded, made, flags);
}

/** The plan of an up, after images were built that are to be built in any case. */
async function upPlan(
  session: HostSession,
  loaded: Loaded,
  services: readonly string[],
  flags: UpFlags,
): Promise<Plan> {
  const planning = (more = {}) =>
    planned(session, loaded, services, flags, { ...connecting(session, flags), ...more });
  const all = Object.keys(loaded.project.model.services);
  const always = flags.build ? all : flags.build === false ? [] : alwaysBuilt(loaded);
  if (always.length === 0) return planning();
  if (flags.dryRun) return planning({ rebuild: true });
  await buildImages(session, loaded, always, {}, true);
  return planning();
}

export async function downCommand(
  session: HostSession,
  services: readonly string[],
  flags: DownFlags,
): Promise<void> {
  const loaded = session.load(services);
  const more = { direction: "down", ...(flags.volumes && { volumes: true }) } as const;
  const all = { ...connecting(session, flags), ...more };
  const made = await planned(session, loaded, services, flags, all);
  const images = flags.rmi === undefined ? [] : await removableImages(session, loaded, flags.rmi);
  await carriedOut(session, loaded, made, flags);
  if (flags.dryRun !== true) await removeImages(session, loaded, images);
}

interface HostImage {
  host: string;
  image: string;
}

/** The images of the project: all of them, or only those that fairlead made from files here. */
async function removableImages(
  session: HostSession,
  { stack, project }: Loaded,
  which: string,
): Promise<HostImage[]> {
  if (which !== "all" && which !== "local") {
    throw new FairleadError("invalid", `--rmi ${which}`, { hint: "There are all and local." });
  }
  const made = new Set(resourcesOf(stack, "image").map(({ name }) => name));
  const found = await projectContainers(session, project.name, stack.hosts, true);
  const all = new Map(found.map(({ host, image }) => [`${host} ${image}`, { host, image }]));
  return [...all.values()].filter(({ image }) => which === "all" || made.has(image));
}

async function removeImages(
  session: HostSession,
  { stack }: Loaded,
  images: readonly HostImage[],
): Promise<void> {
  for (const { host, image } of images) {
    const engine = await session.engine(host, stack.hosts[host]!);
    const subject = printable(`${host} image ${image}`);
    try {
      await engine.images.remove(image, session.signal);
      session.screen.note(`${session.screen.errorColors.green("✔")} ${subject} removed`);
    } catch (error) {
      const isUsed =
        error instanceof FairleadError && ["conflict", "not_found"].includes(error.code);
      if (!isUsed) throw error;
      session.screen.note(`- ${subject} kept: ${printable(error.message)}`);
    }
  }
}
