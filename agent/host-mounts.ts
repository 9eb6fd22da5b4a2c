// The few mounts that containers need outside of their own namespaces.
import { type Native, NativeError } from "./native/index.ts";
import type { HostMounts } from "./objects/container/state/parts.ts";

/** ENOENT and EINVAL of umount2(2). */
const NOTHING_MOUNTED = [2, 22];

export function hostMounts(native: Native): HostMounts {
  return {
    tmpfs: (target, options) =>
      native.mount({
        type: "tmpfs",
        source: "fairlead",
        target,
        flags: ["nosuid", "nodev", "noexec"],
        options,
      }),
    unmount: async (target) => {
      await native.umount(target, { detach: true }).catch((error: unknown) => {
        if (error instanceof NativeError && NOTHING_MOUNTED.includes(error.errno)) return;
        throw error;
      });
    },
  };
}
