// Volumes, bind mounts and tmpfs of a service, as a container's mounts.
import { relative } from "node:path";
import type { ContainerInput } from "../../../resources/kinds/container/container.ts";
import { tmpfsOptions } from "../../../resources/kinds/container/docker/file-facets.ts";
import { placeOfPath, projectSource } from "../../../resources/plan/project-files.ts";
import { ENGINE_SOCKETS, READ_ONLY_SOCKET } from "../../../resources/wire.ts";
import { nearest, type Path } from "../document/node.ts";
import type { Mount } from "../model/types.ts";
import type { Translation } from "./context.ts";
import type { ContainerSource } from "./source.ts";

type MountInput = NonNullable<ContainerInput["mounts"]>[number];

/** The mounts of a container on a host, which is another machine unless it is local. */
export function mountsOf(
  { service, replica, isLocal, extension }: ContainerSource,
  path: Path,
  translation: Translation,
): MountInput[] {
  const place = { host: replica.host, isLocal };
  const mounts = (service.volumes ?? []).flatMap((mount, index) => {
    const at = [...path, "volumes", index];
    refuseOptions(mount, at, translation);
    return one(mount, at, place, translation) ?? [];
  });
  const all = [...mounts, ...(service.tmpfs ?? []).map(tmpfsOf)];
  return extension.socket === undefined ? all : withReadOnlySocket(all);
}

/** Where the engine's socket is wished for, else at its usual place, there is one for reading. */
function withReadOnlySocket(mounts: MountInput[]): MountInput[] {
  const isSocket = (one: MountInput) => one.type === "bind" && ENGINE_SOCKETS.includes(one.source);
  const given = { type: "bind" as const, source: READ_ONLY_SOCKET, readOnly: true };
  if (!mounts.some(isSocket)) return [...mounts, { ...given, target: ENGINE_SOCKETS[0]! }];
  return mounts.map((one) => (isSocket(one) ? { ...given, target: one.target } : one));
}

function refuseOptions(mount: Mount, path: Path, translation: Translation): void {
  if (mount.bind?.selinux !== undefined) {
    translation.warn([...path, "bind"], "SELinux labels are not changed");
  }
  if (mount.bind?.recursive !== undefined && mount.bind.recursive !== "enabled") {
    translation.refuse([...path, "bind", "recursive"], "is not supported", "Remove it.");
  }
  if (mount.volume?.labels !== undefined) {
    const hint = "Put them at the volume under volumes: at the top level.";
    translation.refuse([...path, "volume", "labels"], "is not supported", hint);
  }
}

function one(
  mount: Mount,
  path: Path,
  place: { host: string; isLocal: boolean },
  translation: Translation,
): MountInput | undefined {
  const target = mount.target ?? "";
  const readOnly = mount.read_only ? { readOnly: true } : {};
  switch (mount.type) {
    case "bind": {
      const source = mount.source ?? "";
      const ours = place.isLocal ? undefined : projectBind(mount, path, place.host, translation);
      if (ours !== undefined) return { ...ours, target, ...readOnly };
      if (!place.isLocal && source.startsWith(`${translation.project.directory}/`)) {
        translation.warn(path, `${source} is looked for on the host, not on this machine`);
      }
      const { propagation, create_host_path: create } = mount.bind ?? {};
      return {
        type: "bind",
        source,
        target,
        ...readOnly,
        ...(propagation === undefined ? {} : { propagation: propagation as "private" }),
        ...(create ? { createHostPath: true } : {}),
      };
    }
    case "volume": {
      const declared = translation.project.model.volumes?.[mount.source ?? ""];
      const source = declared?.external ? declared.name : mount.source;
      const { nocopy, subpath } = mount.volume ?? {};
      return {
        type: "volume",
        ...(source === undefined ? {} : { source }),
        target,
        ...readOnly,
        ...(nocopy ? { noCopy: true } : {}),
        ...(subpath === undefined ? {} : { subpath }),
      };
    }
    case "tmpfs": {
      const { size, mode } = mount.tmpfs ?? {};
      return {
        type: "tmpfs",
        target,
        ...readOnly,
        ...(size === undefined ? {} : { size: Number(size) }),
        ...(mode === undefined ? {} : { mode }),
      };
    }
    default:
      translation.refuse(path, `mounts of type ${mount.type} are not supported`, "Remove it.");
      return undefined;
  }
}

/** A relative source is of the project: it is brought to the host, and mounted from there. */
function projectBind(
  mount: Mount,
  path: Path,
  host: string,
  { project, roots, deliversFiles }: Translation,
): { type: "bind"; source: string } | undefined {
  const { source = "" } = mount;
  const written = nearest(project.tree, [...path, "source"]);
  if (!deliversFiles || written.at.fromProject !== true) return undefined;
  const place = placeOfPath(relative(project.directory, source));
  const create = mount.bind?.create_host_path === true;
  roots.push({ host, path: place, source, writable: !mount.read_only, create });
  return { type: "bind", source: projectSource(project.name, place) };
}

/** `SERVICE[:ro]` means the container of the service on the same host, or `container:NAME[:ro]`. */
export function volumesFromOf(
  { service, replica, replicas }: ContainerSource,
  path: Path,
  translation: Translation,
): string[] | undefined {
  return service.volumes_from?.flatMap((entry, index) => {
    const words = entry.split(":");
    if (words[0] === "container") return [words.slice(1).join(":")];
    const [name = "", ...mode] = words;
    const other = replicas.find((one) => one.service === name && one.host === replica.host);
    if (other !== undefined) return [[other.name, ...mode].join(":")];
    const why = `${name} has no container on ${replica.host}, where ${replica.service} runs`;
    translation.refuse([...path, "volumes_from", index], why, "Place both on one host.");
    return [];
  });
}

/** `/run:size=100m,mode=755,uid=1000`; the declaration of a mount knows the options. */
function tmpfsOf(entry: string): MountInput {
  const cut = entry.indexOf(":");
  const target = cut === -1 ? entry : entry.slice(0, cut);
  const { options, ...known } = tmpfsOptions(cut === -1 ? "" : entry.slice(cut + 1));
  return { type: "tmpfs", target, ...known, ...(options === undefined ? {} : { options }) };
}
