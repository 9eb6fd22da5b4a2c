// Volumes, bind mounts and tmpfs of a service, as a container's mounts.
import { relative } from "node:path";
import type { ContainerInput } from "../../../resources/kinds/container/container.ts";
import { placeOfPath, projectSource } from "../../../resources/plan/project-files.ts";
import { parseBytes } from "../document/bytes.ts";
import { nearest, type Path } from "../document/node.ts";
import type { Mount, Service } from "../model/types.ts";
import type { Translation } from "./context.ts";

type MountInput = NonNullable<ContainerInput["mounts"]>[number];

/** The mounts of a container on a host, which is another machine unless it is local. */
export function mountsOf(
  service: Service,
  path: Path,
  place: { host: string; isLocal: boolean },
  translation: Translation,
): MountInput[] {
  const mounts = (service.volumes ?? []).flatMap((mount, index) => {
    const at = [...path, "volumes", index];
    refuseOptions(mount, at, translation);
    return one(mount, at, place, translation) ?? [];
  });
  const tmpfs = (service.tmpfs ?? []).flatMap(
    (entry, index) => tmpfsOf(entry, [...path, "tmpfs", index], translation) ?? [],
  );
  return [...mounts, ...tmpfs];
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

/** `/run:size=100m,mode=755`. */
function tmpfsOf(entry: string, path: Path, translation: Translation): MountInput | undefined {
  const cut = entry.indexOf(":");
  const target = cut === -1 ? entry : entry.slice(0, cut);
  const mount: MountInput = { type: "tmpfs", target };
  for (const option of cut === -1 ? [] : entry.slice(cut + 1).split(",")) {
    const [key, value = ""] = option.split("=");
    const bytes = key === "size" ? parseBytes(value) : undefined;
    if (key === "ro") mount.readOnly = true;
    else if (bytes !== undefined) mount.size = bytes;
    else if (key === "mode" && /^[0-7]{3,5}$/.test(value)) mount.mode = Number.parseInt(value, 8);
    else if (!["rw", "noexec", "nosuid", "nodev"].includes(option)) {
      translation.refuse(path, `unknown option ${option}`, "There are size, mode, ro and rw.");
    }
  }
  return mount;
}
