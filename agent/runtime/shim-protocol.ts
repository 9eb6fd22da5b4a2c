// The words that the agent and a shim exchange: shim.json, requests, answers and events.
// Types and the decoding of errors only; see docs/shim-protocol.md.
import { constants } from "node:os";
import { type ErrorCode, FairleadError } from "../../resources/model/errors.ts";
import type { Restarts } from "../native/index.ts";
import type { ShimState } from "./shim-state.ts";

export interface RestartSettings {
  policy: "no" | "always" | "unless-stopped" | "on-failure";
  /** For on-failure only; 0 is without limit. */
  maxRetries: number;
}

export interface HealthcheckSettings {
  argv: string[];
  intervalMs: number;
  timeoutMs: number;
  retries: number;
  startPeriodMs: number;
  startIntervalMs: number;
}

export interface ReservedPort {
  protocol: "tcp" | "udp";
  ip: string;
  port: number;
  /** Where connections and datagrams go, from a socket in that network namespace. */
  relay?: { netns: string; ip: string; port: number };
}

/** The program that makes the container; without it fairlead-runtime itself does. */
export interface RuntimeSettings {
  kind: "oci" | "lxc";
  name: string;
  path: string;
  /** Folder for what the runtime remembers of this container alone. */
  root: string;
  options: string[];
  ownCgroup: boolean;
}

/** shim.json: what a shim must know beyond the OCI configuration. */
export interface ShimSettings {
  id: string;
  tty: boolean;
  openStdin: boolean;
  stdinOnce: boolean;
  autoStart: boolean;
  log: {
    driver: "json-file" | "none";
    path: string;
    /** 0 is without limit. */
    maxSizeBytes: number;
    maxFiles: number;
    /** Bytes that may wait for the disk before lines are dropped; absent: the output waits. */
    bufferBytes?: number;
    /** A JSON object in one line, written beside each line. */
    attributes?: string;
  };
  restart: RestartSettings;
  /** By the shims before this one, whose counting goes on. */
  restarts?: Restarts;
  stopSignal: number;
  stopTimeoutMs: number;
  healthcheck?: HealthcheckSettings;
  runtime?: RuntimeSettings;
  resolver?: {
    tables: string[];
    upstreams: string[];
    /** Those of them that are asked from the host's network namespace. */
    hostUpstreams?: string[];
    search: string[];
    links?: string[];
  };
  reservePorts?: ReservedPort[];
}

export type ShimEventName =
  | "started"
  | "exited"
  | "restarting"
  | "paused"
  | "resumed"
  | "health"
  | "probe"
  | "oom"
  | "exec_started"
  | "exec_exited";

export interface ShimEvent {
  event: ShimEventName;
  state: ShimState;
  exec?: string;
  exitCode?: number;
}

export interface StreamSelection {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
}

export interface ExecRequest extends StreamSelection {
  id: string;
  /** An OCI process object. */
  process: object;
  tty: boolean;
  attach: boolean;
}

export interface ExecStatus {
  running: boolean;
  pid: number;
  exitCode: number;
}

export interface ShimUpdate {
  /** OCI linux.resources; only the keys that change. */
  resources?: object;
  restart?: RestartSettings;
  stopRequested?: boolean;
}

/** How a failure looks on the wire. */
export interface ShimFailure {
  step: string;
  errno: number;
  path: string;
  message: string;
}

/** A refusal or a failed kernel call of a shim, with the errno that exit codes 126 and 127 need. */
export class ShimError extends FairleadError {
  readonly step: string;
  readonly errno: number;

  constructor(failure: ShimFailure) {
    super(codeOfErrno(failure.errno), failure.message, { path: failure.path || undefined });
    this.step = failure.step;
    this.errno = failure.errno;
  }
}

/** The failure in an answer; a shape nobody promised becomes an internal error. */
export function decodeFailure(value: unknown): ShimError {
  const failure = (value ?? {}) as Partial<ShimFailure>;
  return new ShimError({
    step: typeof failure.step === "string" ? failure.step : "shim",
    errno: typeof failure.errno === "number" ? failure.errno : 0,
    path: typeof failure.path === "string" ? failure.path : "",
    message: typeof failure.message === "string" ? failure.message : "the shim gave no reason",
  });
}

function codeOfErrno(errno: number): ErrorCode {
  return ERRNO_CODES.get(errno) ?? "internal";
}

const ERRNO_CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [constants.errno.ENOENT, "not_found"],
  [constants.errno.ESRCH, "conflict"], // nothing runs
  [constants.errno.EACCES, "invalid"], // not executable
  [constants.errno.EBUSY, "conflict"],
  [constants.errno.EEXIST, "conflict"],
  [constants.errno.EINVAL, "invalid"],
  [constants.errno.EOPNOTSUPP, "unsupported"],
  [constants.errno.EADDRINUSE, "conflict"],
  [constants.errno.EALREADY, "conflict"],
]);
