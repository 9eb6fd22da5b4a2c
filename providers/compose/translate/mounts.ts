// Volumes, bind mounts and tmpfs of a service, as a container's mounts.
import type { ContainerInput } from "../../../resources/kinds/container/container.ts";
import { parseBytes } from "../document/bytes.ts";
import type { Path } from "../document/node.ts";
import type { Mount, Service } from "../model/types.ts";
import type { Translation } from "./context.ts";

type MountInput = NonNullable<ContainerInput["mounts"]>[number];

/** The mounts of a container on a host; `isLocal` when that is this machine. */
export function mountsOf(
  service: Service,
  path: Path,
  isLocal: boolean,
  translation: Translation,
): MountInput[] {
  const mounts = (service.volumes ?? []).flatMap((mount, index) => {
    const at = [...path, "volumes", index];
    refuseOptions(mount, at, translation);
    return one(mount, at, isLocal, translation) ?? [];
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
  isLocal: boolean,
  translation: Translation,
): MountInput | undefined {
  const target = mount.target ?? "";
  const readOnly = mount.read_only ? { readOnly: true } : {};
  switch (mount.type) {
    case "bind": {
      const source = mount.source ?? "";
      if (!isLocal && source.startsWith(`${translation.project.directory}/`)) {
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
