// The root file system that every lab host starts from: Debian's minbase with systemd and sshd and
// nothing else (no Docker, Python, nft, iptables, ip). Made once and kept in the user's cache.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { attempt, run } from "./shell.ts";

const PACKAGES = ["systemd", "systemd-sysv", "dbus", "openssh-server", "sudo", "procps"];

// What every host shares: no first-boot questions, a deploy user with sudo, a quick sshd.
const CUSTOMIZE = [
  'chroot "$1" useradd -m -s /bin/sh deploy',
  'echo "deploy ALL=(ALL) NOPASSWD:ALL" > "$1/etc/sudoers.d/deploy"',
  'rm -f "$1"/etc/ssh/ssh_host_*',
  'printf "PermitRootLogin prohibit-password\\nUseDNS no\\n" > "$1/etc/ssh/sshd_config.d/lab.conf"',
  'chroot "$1" systemctl mask systemd-networkd-wait-online systemd-timesyncd getty.target',
  'ln -sf /usr/lib/systemd/system/multi-user.target "$1/etc/systemd/system/default.target"',
];

/**
 * Directory of the base root file system of a release of Debian, with more packages than the usual
 * where they are named; about 30 s the first time, nothing afterwards.
 */
export async function baseRoot(more: readonly string[] = [], suite = "bookworm"): Promise<string> {
  const packages = [...PACKAGES, ...more];
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "fairlead-lab");
  const recipe = JSON.stringify([suite, packages, CUSTOMIZE]);
  const root = join(cache, createHash("sha256").update(recipe).digest("hex").slice(0, 16));
  if (existsSync(root)) return root;
  mkdirSync(cache, { recursive: true });
  const draft = `${root}.draft-${process.pid}`;
  try {
    await run(
      "mmdebstrap",
      "--quiet",
      "--variant=minbase",
      `--include=${packages.join(",")}`,
      ...CUSTOMIZE.map((line) => `--customize-hook=${line}`),
      suite,
      draft,
    );
    if (existsSync(root)) rmSync(draft, { recursive: true, force: true });
    else renameSync(draft, root);
  } catch (error) {
    await attempt("rm", "-rf", "--one-file-system", draft);
    throw error;
  }
  return root;
}
