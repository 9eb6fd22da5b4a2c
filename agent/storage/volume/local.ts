// The local driver: a volume is a folder, or what Docker's options (type, device, o) mount on one.
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { MountFlag, MountRequest } from "../../native/index.ts";
import type { VolumeDriver } from "./driver.ts";

const VOLUME_OPTIONS = ["type", "device", "o"];
const FLAGS: Record<string, MountFlag[]> = {
  bind: ["bind"],
  rbind: ["bind", "rec"],
  ro: ["ro"],
  nosuid: ["nosuid"],
  nodev: ["nodev"],
  noexec: ["noexec"],
  noatime: ["noatime"],
  relatime: ["relatime"],
  private: ["private"],
  slave: ["slave"],
  shared: ["shared"],
  unbindable: ["unbindable"],
};
/** Words that say the kernel's default, and mean nothing to a file system. */
const DEFAULTS = new Set(["rw", "suid", "dev", "exec", "atime", "defaults", "auto", "noauto"]);

export const local: VolumeDriver = {
  name: "local",
  options: VOLUME_OPTIONS,
  check: checkVolumeOptions,
  mountOf: volumeMount,
};

function checkVolumeOptions(options: Readonly<Record<string, string>>): void {
  const given = Object.keys(options);
  const unknown = given.find((key) => !VOLUME_OPTIONS.includes(key));
  if (unknown !== undefined) {
    throw new FairleadError("invalid", `invalid option: ${JSON.stringify(unknown)}`, {
      hint: "the local driver takes type, device and o",
    });
  }
  if (given.length === 0) return;
  const { type = "", device = "", o = "" } = options;
  if (device === "" && !["tmpfs", "ramfs"].includes(type)) {
    throw new FairleadError("invalid", "missing device in volume options");
  }
  if (type === "" && !/(^|,)r?bind(,|$)/.test(o)) {
    throw new FairleadError("invalid", "missing required option: type");
  }
  if (type !== "" && !/^[a-z0-9._-]{1,64}$/.test(type)) {
    throw new FairleadError("invalid", `invalid type: ${JSON.stringify(type)}`);
  }
  if (`${device}${o}`.includes("\0") || o.length > 4000) {
    throw new FairleadError("invalid", "a volume option is too long or has a NUL byte");
  }
}

/** Names become addresses. */
async function volumeMount(
  options: Readonly<Record<string, string>>,
  target: string,
): Promise<MountRequest | undefined> {
  const { type = "", device = "", o = "" } = options;
  if (type === "" && device === "" && o === "") return undefined;
  const flags: MountFlag[] = [];
  const rest: string[] = [];
  for (const word of o.split(",").filter((part) => part !== "" && !DEFAULTS.has(part))) {
    const known = FLAGS[word];
    if (known !== undefined) flags.push(...known);
    else rest.push(/^nfs4?$|^cifs$/.test(type) ? await addressed(word) : word);
  }
  const bind = flags.includes("bind");
  if (bind && !device.startsWith("/")) {
    throw new FairleadError("invalid", `device ${JSON.stringify(device)} is not an absolute path`);
  }
  if (bind && rest.length > 0) {
    throw new FairleadError("invalid", `a bind mount takes no option ${JSON.stringify(rest[0])}`);
  }
  return {
    target,
    source: device === "" ? type : device,
    ...(bind || type === "none" ? {} : { type }),
    flags,
    ...(rest.length > 0 ? { options: rest.join(",") } : {}),
  };
}

/** The kernel wants `addr=` as an address; mount(8) and Docker resolve it, and so must we. */
async function addressed(word: string): Promise<string> {
  const [, name = ""] = /^addr=(.+)$/.exec(word) ?? [];
  if (name === "" || isIP(name) !== 0) return word;
  const { address } = await lookup(name).catch((error: Error) => {
    throw new FairleadError("unavailable", `cannot resolve ${JSON.stringify(name)}`, {
      cause: error,
    });
  });
  return `addr=${address}`;
}
