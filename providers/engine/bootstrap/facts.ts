// What a host is: one script that asks everything in one round trip, and the reader of its answer.
import { FairleadError } from "../../../resources/model/errors.ts";
import type { Transport } from "../transport/transport.ts";
import type { Layout } from "./layout.ts";
import { LOCKED, lockPath } from "./lock.ts";

export interface HostFacts {
  readonly os: string;
  /** `uname -m`. */
  readonly machine: string;
  readonly kernel: string;
  readonly libc: "glibc" | "musl" | "unknown";
  /** Such as `2.36`; empty when unknown. */
  readonly libcVersion: string;
  readonly hasLibstdcxx: boolean;
  readonly cgroups: "v1" | "v2" | "hybrid" | "none";
  readonly init: "systemd" | "other";
  readonly isRoot: boolean;
  readonly hasSudo: boolean;
  /** Free space for the bundle; -1 when unknown. */
  readonly freeBytes: number;
  readonly tools: readonly string[];
  /** Digest of the bundle that `current` leads to; empty when there is none. */
  readonly installed: string;
  /** Somebody is installing, upgrading or removing the agent at this moment. */
  readonly isChanging: boolean;
  /** Parts that are there, by SHA-256. */
  readonly parts: readonly string[];
}

// Runs on dash, busybox ash and bash alike; needs nothing but a shell, and says nothing of what is
// absent. Login scripts may print before it, hence the marks.
const PROBE = `
LC_ALL=C; export LC_ALL; PATH=$PATH:/usr/sbin:/sbin; export PATH
say() { printf '%s=%s\\n' "$1" "$2"; }
have() { command -v "$1" >/dev/null 2>&1; }
${LOCKED}
prefix=$1; lock=$2
printf '\\nfairlead-facts-begin\\n'
say os "$(uname -s)"; say machine "$(uname -m)"; say kernel "$(uname -r)"
libc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || libc=
[ -n "$libc" ] || libc=$(ldd --version 2>&1 | head -n 1)
for file in /lib/ld-musl-*; do [ -e "$file" ] && case $libc in glibc*) ;; *) libc=musl ;; esac; done
say libc "$libc"
for dir in /usr/lib /usr/lib64 /lib /lib64 /usr/lib/*-linux-gnu /lib/*-linux-gnu; do
  [ -e "$dir/libstdc++.so.6" ] && { say libstdcxx yes; break; }
done
v1=; v2=
while read -r _ where type _; do
  case $type:$where in cgroup2:*) v2=y ;; cgroup:*) v1=y ;; esac
done </proc/mounts
say cgroups "$v1:$v2"
if [ -d /run/systemd/system ] && have systemctl; then say init systemd; else say init other; fi
say uid "$(id -u)"
if [ "$(id -u)" != 0 ] && have sudo && sudo -n true >/dev/null 2>&1; then say sudo yes; fi
dir=$prefix
while [ ! -d "$dir" ] && [ "$dir" != / ]; do dir=\${dir%/*}; [ -n "$dir" ] || dir=/; done
say free "$(df -Pk "$dir" 2>/dev/null | tail -n 1)"
for tool in gzip sha256sum flock setsid sudo; do have "$tool" && say tool "$tool"; done
[ -L "$prefix/current" ] && say installed "$(readlink "$prefix/current")"
locked "$lock" && say changing yes
for part in "$prefix"/parts/*; do [ -f "$part" ] && say part "\${part##*/}"; done
printf 'fairlead-facts-end\\n'
`;

/** Asks the host in one round trip; `unsupported` when it is no Unix that we can ask. */
export async function probe(
  transport: Transport,
  layout: Layout,
  signal?: AbortSignal,
): Promise<HostFacts> {
  const argv = ["/bin/sh", "-s", "--", layout.prefix, lockPath(layout.prefix)];
  const result = await transport.exec(argv, { step: "looking at the host", stdin: PROBE, signal });
  const facts = parseFacts(result.stdout);
  if (facts !== undefined) return facts;
  const said = result.stderr.trim().split("\n").at(-1) ?? "";
  throw new FairleadError(
    "unsupported",
    `${transport.name}: the host did not run a shell: ${said}`,
    {
      path: transport.name,
      hint: "the user needs a login shell, and the host must be a Linux",
    },
  );
}

/** Reads the script's answer; nothing when it is not complete. */
export function parseFacts(output: string): HostFacts | undefined {
  const begin = output.indexOf("\nfairlead-facts-begin\n");
  const end = output.indexOf("\nfairlead-facts-end\n", begin);
  if (begin < 0 || end < 0) return undefined;
  const values = new Map<string, string[]>();
  for (const line of output.slice(begin, end).split("\n")) {
    const [, key, value] = /^([a-z0-9]+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined) values.set(key, [...(values.get(key) ?? []), value ?? ""]);
  }
  const one = (key: string) => values.get(key)?.[0] ?? "";
  const libc = one("libc");
  const [v1, v2] = one("cgroups").split(":");
  const freeKib = Number(one("free").trim().split(/\s+/).at(-3));
  return {
    os: one("os"),
    machine: one("machine"),
    kernel: one("kernel"),
    libc: /musl/i.test(libc) ? "musl" : /glibc|gnu libc/i.test(libc) ? "glibc" : "unknown",
    libcVersion: /(\d+\.\d+)\s*$/.exec(libc)?.[1] ?? "",
    hasLibstdcxx: one("libstdcxx") === "yes",
    cgroups: v1 && v2 ? "hybrid" : v2 ? "v2" : v1 ? "v1" : "none",
    init: one("init") === "systemd" ? "systemd" : "other",
    isRoot: one("uid") === "0",
    hasSudo: one("sudo") === "yes",
    freeBytes: Number.isFinite(freeKib) ? freeKib * 1024 : -1,
    tools: values.get("tool") ?? [],
    installed: one("installed").split("/").at(-1) ?? "",
    isChanging: one("changing") === "yes",
    parts: values.get("part") ?? [],
  };
}
