// Chooses the storage driver: the one that is asked for, else overlay where a trial of it works.
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FairleadError } from "../../resources/model/errors.ts";
import type { Native } from "../native/index.ts";
import { CopyDriver, type Flatten } from "./copy.ts";
import type { StorageDriver } from "./driver.ts";
import { OverlayDriver } from "./overlay.ts";

export interface StorageChoice {
  driver: StorageDriver;
  /** The form in which layers must be unpacked for it. */
  whiteouts: "overlay" | "marker";
  /** Why overlay was not taken; undefined when it was, or nobody asked. */
  reason?: string;
}

export interface StorageRequest {
  /** The agent's `--root`. */
  root: string;
  native: Pick<Native, "mountOverlay" | "umount" | "mknod" | "setxattr">;
  flatten: Flatten;
  /** Whether the agent is root of a user namespace only, where overlayfs has other attributes. */
  userNamespace?: boolean;
  /** `overlay` or `copy`; absent means to try. */
  wanted?: string | undefined;
}

/** Opens a driver; `invalid` for an unknown name, `unsupported` for overlay asked in vain. */
export async function chooseStorage(request: StorageRequest): Promise<StorageChoice> {
  const { root, native, flatten, wanted } = request;
  const folder = join(root, "storage");
  await mkdir(folder, { recursive: true, mode: 0o711 });
  const copy = new CopyDriver(join(folder, "copy"), flatten);
  if (wanted === "copy") return { driver: copy, whiteouts: "marker" };
  if (wanted !== undefined && wanted !== "overlay") {
    throw new FairleadError("invalid", `unknown storage driver ${JSON.stringify(wanted)}`, {
      hint: "use overlay or copy",
    });
  }
  const form = request.userNamespace ? USER_OVERLAY : ROOT_OVERLAY;
  const reason = await tryOverlay(folder, native, form);
  if (reason === undefined) {
    const driver = new OverlayDriver(join(folder, "overlay"), native, form.options);
    return { driver, whiteouts: "overlay" };
  }
  if (wanted === "overlay") {
    throw new FairleadError("unsupported", `overlay does not work in ${root}: ${reason}`, {
      hint: "use --root on ext4, xfs or btrfs, or the copy driver",
    });
  }
  return { driver: copy, whiteouts: "marker", reason };
}

interface OverlayForm {
  /** What marks a directory that hides those below. */
  opaque: string;
  options: string[];
}

const ROOT_OVERLAY: OverlayForm = { opaque: "trusted.overlay.opaque", options: [] };
/** Linux 5.11 and newer; trusted attributes are for the host's root alone. */
const USER_OVERLAY: OverlayForm = { opaque: "user.overlay.opaque", options: ["userxattr"] };

/** Mounts, deletes through the mount, looks at the whiteout; the reason when a step fails. */
async function tryOverlay(
  folder: string,
  native: StorageRequest["native"],
  form: OverlayForm,
): Promise<string | undefined> {
  const trial = join(folder, `trial-${randomBytes(4).toString("hex")}`);
  const [lower, upper, work, target] = ["lower", "upper", "work", "merged"].map((name) =>
    join(trial, name),
  ) as [string, string, string, string];
  let mounted = false;
  try {
    for (const path of [lower, upper, work, target]) await mkdir(path, { recursive: true });
    await writeFile(join(lower, "file"), "");
    await native.mknod(join(lower, "whiteout"), constants.S_IFCHR, 0, 0);
    await native.setxattr(lower, form.opaque, Buffer.from("y"));
    await native.mountOverlay({ lowers: [lower], upper, work, target, options: form.options });
    mounted = true;
    await rm(join(target, "file"));
    const left = await lstat(join(upper, "file"));
    return left.isCharacterDevice() ? undefined : "a deletion leaves no whiteout";
  } catch (error) {
    return (error as Error).message;
  } finally {
    if (mounted) await native.umount(target, { detach: true });
    await rm(trial, { recursive: true, force: true });
  }
}
