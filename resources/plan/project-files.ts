// The files of a project's own folder, which containers on other machines are given: where they
// are on a host, what is there, and what a change of them means. Pure.
import * as z from "zod";
import { PROJECT_FILES } from "../wire.ts";

/** What a changed file means for a container that has it; `signal NAME` sends that. */
export type OnChange = "recreate" | "restart" | "none" | `signal ${string}`;

/** At a container of a stack: the files of the project among its mounts. */
export interface GivenFiles {
  /** Places among the project's files, as its mounts name them. */
  places: { path: string; writable: boolean }[];
  /** As declared; else it depends on what stands at each place. */
  onChange?: OnChange | undefined;
  /** What stands at the places now and is to be watched, by path; known once it was read. */
  digests?: Record<string, { digest: string; onChange: OnChange }> | undefined;
}

/** A file or folder here that containers of a host are given. */
export interface ProjectRoot {
  host: string;
  /** Its place among the project's files. */
  path: string;
  /** On this machine. */
  source: string;
  writable: boolean;
  /** Whether a folder is made when there is nothing here. */
  create: boolean;
}

/** What of a project's folder goes to the hosts. */
export interface ProjectFolder {
  directory: string;
  limitBytes: number;
  roots: ProjectRoot[];
}

/** The label of a container with the digests of its files, as of its last start. */
export const FILES_LABEL = "dev.fairlead.files";

/** The source of a mount of a project's file, which the agent knows. */
export function projectSource(project: string, path: string): string {
  return `${PROJECT_FILES}${project}/${path}`;
}

/** The place a mount's source stands for, if it is one of a project's. */
export function placeOfSource(source: string): string | undefined {
  if (!source.startsWith(PROJECT_FILES)) return undefined;
  return source.slice(source.indexOf("/", PROJECT_FILES.length) + 1);
}

/** Where a path relative to the project's folder is on a host; `..` is a folder of its own. */
export function placeOfPath(relative: string): string {
  const parts = relative.split("/").filter((part) => part !== "" && part !== ".");
  const ups = parts.filter((part) => part === "..").length;
  return [ups === 0 ? "here" : `up-${ups}`, ...parts.slice(ups)].join("/");
}

/** The path as a person wrote it: the reverse. */
export function pathOfPlace(place: string): string {
  const [first = "", ...rest] = place.split("/");
  const ups = Number(/^up-(\d+)$/.exec(first)?.[1] ?? 0);
  const parts = [...Array.from({ length: ups }, () => ".."), ...rest];
  return parts.length === 0 ? "." : parts.join("/");
}

/** Digests by place, as a container's label has them; empty when it says nothing that is known. */
export function labelledDigests(label: string | undefined): Record<string, string> {
  try {
    return digests.parse(JSON.parse(label ?? "{}"));
  } catch {
    return {};
  }
}

const digests = z.record(z.string(), z.string());

/** The label's text; undefined for a container that has none of the project's files to watch. */
export function filesLabel(given: GivenFiles | undefined): Record<string, string> {
  const all = Object.entries(given?.digests ?? {}).map(([path, one]) => [path, one.digest]);
  if (all.length === 0) return {};
  return { [FILES_LABEL]: JSON.stringify(Object.fromEntries(all.sort())) };
}
