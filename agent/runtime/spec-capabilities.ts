// Which capabilities a container gets: Docker's fourteen, changed by CapAdd and CapDrop. Pure.
import { FairleadError } from "../../resources/model/errors.ts";

/** In the order of capability.h, so that the place is the bit. */
const KNOWN = `CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP
  LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE
  SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME
  SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG
  WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`
  .split(/\s+/)
  .map((name) => `CAP_${name}`);

const DEFAULT = `CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP
  NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE`
  .split(/\s+/)
  .map((name) => `CAP_${name}`);

export interface CapabilityChoice {
  add: readonly string[];
  drop: readonly string[];
  privileged: boolean;
  /** The agent's own bounding set (CapBnd of /proc/self/status): nothing beyond can be given. */
  bounding: bigint;
}

/** The capability names of a container; `invalid` for one that is unknown. */
export function chooseCapabilities(choice: CapabilityChoice): string[] {
  const add = choice.add.map((name) => normalise("CapAdd", name));
  const drop = choice.drop.map((name) => normalise("CapDrop", name));
  const given = KNOWN.filter((_, bit) => (choice.bounding >> BigInt(bit)) & 1n);
  if (choice.privileged) return given;
  let chosen = add.includes("ALL") ? given : drop.includes("ALL") ? [] : DEFAULT;
  chosen = [...new Set([...chosen, ...add.filter((name) => name !== "ALL")])];
  chosen = chosen.filter((name) => !drop.includes(name));
  return add.includes("ALL") && drop.includes("ALL") ? [] : chosen;
}

/** `net_admin` and `CAP_NET_ADMIN` are the same; `ALL` stays. */
function normalise(field: string, name: string): string {
  const upper = name.toUpperCase();
  if (upper === "ALL" || upper === "CAP_ALL") return "ALL";
  const full = upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
  if (!KNOWN.includes(full)) {
    throw new FairleadError("invalid", `invalid ${field}: unknown capability: "${full}"`);
  }
  return full;
}
