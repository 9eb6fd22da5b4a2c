// The one typed seam to the native addon: what it offers, and how its failures look.
import { createRequire } from "node:module";

/** A kernel call that failed: which step, which errno, on which path. */
export class NativeError extends Error {
  override readonly name = "NativeError";
  readonly step: string;
  readonly errno: number;
  readonly path: string;

  constructor(failure: { step: string; errno: number; path: string; message: string }) {
    super(failure.message);
    this.step = failure.step;
    this.errno = failure.errno;
    this.path = failure.path;
  }
}

export type MountFlag =
  | "bind"
  | "rec"
  | "ro"
  | "remount"
  | "nosuid"
  | "nodev"
  | "noexec"
  | "noatime"
  | "relatime"
  | "private"
  | "slave"
  | "shared"
  | "unbindable"
  | "move";

export interface MountRequest {
  source?: string;
  target: string;
  type?: string;
  flags?: MountFlag[];
  /** The file system's own options, joined by commas; at most one page. */
  options?: string;
}

export interface OverlayRequest {
  /** Topmost first, as overlayfs counts; up to 500. */
  lowers: string[];
  upper?: string;
  work?: string;
  target: string;
  /** Such as `metacopy=on` or `userxattr`. */
  options?: string[];
}

export interface NetlinkRequest {
  /** Path of a pinned namespace; the agent's own when absent. */
  netns?: string | undefined;
  /** NETLINK_ROUTE 0, NETLINK_SOCK_DIAG 4, NETLINK_NETFILTER 12. */
  family: number;
  /** Sent in order until one is refused; each message asks for an acknowledgement or a dump. */
  datagrams: Buffer[];
}

export interface NetlinkOutcome {
  /** All answers to each datagram that was sent. */
  replies: Buffer[];
  /** The datagram that the kernel refused, with the kernel's sentence when it gave one. */
  failure?: { index: number; errno: number; reason: string };
}

export interface PortProbe {
  netns?: string | undefined;
  protocol: "tcp" | "udp";
  /** Numeric. */
  ip: string;
  port: number;
}

/** How often a container has come back, and how long the last time was waited before. */
export interface Restarts {
  count: number;
  delayMs: number;
}

/** What the addon offers. Calls reject with a NativeError, and follow no link at a path's end. */
export interface Native {
  mount(request: MountRequest): Promise<void>;
  mountOverlay(request: OverlayRequest): Promise<void>;
  umount(path: string, options?: { detach?: boolean }): Promise<void>;

  /** The value of an extended attribute; undefined when there is none. */
  getxattr(path: string, name: string): Promise<Buffer | undefined>;
  setxattr(path: string, name: string, value: Buffer): Promise<void>;
  listxattr(path: string): Promise<string[]>;
  /** Removes an attribute; a missing one is fine. */
  removexattr(path: string, name: string): Promise<void>;
  /** `mode` has the type bits too, such as `constants.S_IFCHR | 0o666`. */
  mknod(path: string, mode: number, major: number, minor: number): Promise<void>;
  /** ioctl(2) on a directory, with the argument that `request` wants; for file systems' own. */
  ioctl(directory: string, request: number, argument: Buffer): Promise<void>;

  /** Makes a network namespace with lo up and pins it to a path, which must not exist. */
  createNetns(path: string): Promise<void>;
  /** Unpins a namespace and removes the file; what is already gone is fine. */
  deleteNetns(path: string): Promise<void>;
  /** Writes `net.…` keys in order; `skipMissing` leaves out those the kernel does not have. */
  setSysctlsInNetns(
    netns: string | undefined,
    values: Record<string, string>,
    options?: { skipMissing?: boolean },
  ): Promise<void>;
  /** The value of a key; undefined when the kernel or the namespace has no such key. */
  getSysctlInNetns(netns: string | undefined, key: string): Promise<string | undefined>;
  netlink(request: NetlinkRequest): Promise<NetlinkOutcome>;
  /** Sends to a unix datagram socket, and waits up to a second for room; how many it took. */
  sendDatagrams(path: string, datagrams: Buffer[]): Promise<number>;
  /** 0 when the port is free on the host, else the errno: in use, no such address, not allowed. */
  probePort(request: PortProbe): Promise<number>;

  /** The restart that the policy wants after an end; undefined when the container stays ended. */
  nextRestart(
    settings: { policy: string; maxRetries: number },
    before: Restarts,
    ending: { exitCode: number; ranMs: number; stopRequested: boolean },
  ): Promise<Restarts | undefined>;

  /** Lets go of free heap and of mapped code, which comes back from the page cache when run. */
  giveBackMemory(): Promise<void>;
}

/** Loads the addon from a file; throws when it was built for another platform. */
export function loadNative(path: string): Native {
  const addon = createRequire(import.meta.url)(path) as Record<string, NativeCall>;
  const wrapped = Object.entries(addon).map(([name, call]) => [name, withNativeError(call)]);
  return Object.fromEntries(wrapped) as Native;
}

type NativeCall = (...parameters: unknown[]) => Promise<unknown>;

function withNativeError(call: NativeCall): NativeCall {
  return (...parameters) =>
    call(...parameters).catch((failure: ConstructorParameters<typeof NativeError>[0]) => {
      throw new NativeError(failure);
    });
}
