// Whether a host can run the agent: pure, from its facts. Each refusal is one clear sentence.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Bundle } from "../bundle/bundle.ts";
import type { HostFacts } from "./facts.ts";

const PLATFORMS: Readonly<Record<string, string>> = {
  x86_64: "linux-x64",
  amd64: "linux-x64",
  aarch64: "linux-arm64",
  arm64: "linux-arm64",
};
// The oldest kernel is that of Debian 11, on which `npm run test:vm` runs the main job. openat2(2)
// and clone3(2) into a cgroup must be there, of 5.6 and 5.7. glibc is what Node 24 needs (its
// BUILDING.md), and our addon is built for no newer one.
const OLDEST_KERNEL = "5.10";
const OLDEST_GLIBC = "2.28";
const SPARE_BYTES = 32 * 1024 * 1024;

/** The platform of the bundle that fits a host; `unsupported` with the reason when none does. */
export function platformOf(host: string, facts: HostFacts, available: readonly string[]): string {
  const refuse = (why: string, hint: string) =>
    new FairleadError("unsupported", `${host}: ${why}`, { path: host, hint });
  if (facts.os !== "Linux") {
    throw refuse(`runs ${facts.os || "an unknown system"}`, "fairlead's hosts run Linux");
  }
  const platform = PLATFORMS[facts.machine];
  if (platform === undefined || !available.includes(platform)) {
    const known = available.join(", ");
    throw refuse(
      `its processor (${facts.machine}) is not one we have a bundle for`,
      `have ${known}`,
    );
  }
  if (facts.libc === "musl") {
    throw refuse("uses musl; the agent needs glibc", "use a Debian, Ubuntu, Fedora, RHEL or SUSE");
  }
  if (facts.libcVersion !== "" && older(facts.libcVersion, OLDEST_GLIBC)) {
    throw refuse(
      `its glibc ${facts.libcVersion} is older than ${OLDEST_GLIBC}`,
      "Debian 11, Ubuntu 20.04, RHEL 9 or newer have it",
    );
  }
  if (!facts.hasLibstdcxx) {
    throw refuse(
      "libstdc++.so.6 is missing",
      "apt-get install libstdc++6, or dnf install libstdc++",
    );
  }
  if (older(facts.kernel, OLDEST_KERNEL)) {
    throw refuse(`its kernel ${facts.kernel} is older than ${OLDEST_KERNEL}`, "upgrade the host");
  }
  if (facts.cgroups === "none") {
    throw refuse("no cgroups are mounted", "boot with systemd, or mount cgroup2 at /sys/fs/cgroup");
  }
  if (!facts.tools.includes("sha256sum")) {
    throw refuse("has no sha256sum", "install coreutils or busybox");
  }
  return platform;
}

/** Throws unless we can be root there and the missing parts fit. */
export function checkInstallable(
  host: string,
  facts: HostFacts,
  bundle: Bundle,
  mayAskPassword: boolean,
): void {
  if (!facts.isRoot && !facts.hasSudo && !mayAskPassword) {
    const why = facts.tools.includes("sudo") ? "sudo asks for a password" : "there is no sudo";
    throw new FairleadError("forbidden", `${host}: the user is not root, and ${why}`, {
      path: host,
      hint: "connect as root, set becomePassword, or allow sudo without a password (NOPASSWD)",
    });
  }
  const missing = bundle.parts.filter((part) => !facts.parts.includes(part.sha256));
  const needed = missing.reduce((sum, part) => sum + part.size, SPARE_BYTES);
  if (missing.length > 0 && facts.freeBytes >= 0 && facts.freeBytes < needed) {
    const mib = (bytes: number) => Math.ceil(bytes / 1024 / 1024);
    throw new FairleadError(
      "unavailable",
      `${host}: the bundle needs ${mib(needed)} MiB, and ${mib(facts.freeBytes)} MiB are free`,
      { path: host, hint: "free some space on the file system of /opt" },
    );
  }
}

function older(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(/[.-]/).map(Number);
  const [wantMajor = 0, wantMinor = 0] = than.split(".").map(Number);
  return major < wantMajor || (major === wantMajor && minor < wantMinor);
}
