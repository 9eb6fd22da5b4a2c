// shim.json: what a container's shim must know beyond config.json, from Docker's options. Pure.

import { constants } from "node:os";
import type { ContainerConfig, HealthConfig, HostConfig } from "@docker/node-sdk";
import { FairleadError } from "../../resources/model/errors.ts";
import type { HealthcheckSettings, ReservedPort, ShimSettings } from "./shim-protocol.ts";

export interface ShimRequest {
  id: string;
  config: ContainerConfig;
  host: HostConfig;
  log: ShimSettings["log"];
  resolver: ShimSettings["resolver"] | undefined;
  reservePorts: ReservedPort[];
  /** Undefined for the native driver. */
  runtime: ShimSettings["runtime"] | undefined;
}

const SECOND_NANO = 1e9;
/** dockerd's own default grace period. */
export const STOP_TIMEOUT_S = 10;

/** The settings of one shim. */
export function shimSettings(request: ShimRequest): ShimSettings {
  const { config, host } = request;
  const healthcheck = healthcheckOf(config.Healthcheck, config.Shell);
  return {
    id: request.id,
    tty: config.Tty === true,
    openStdin: config.OpenStdin === true,
    stdinOnce: config.StdinOnce === true,
    autoStart: false,
    log: request.log,
    restart: restartOf(host),
    stopSignal: signalNumber(config.StopSignal || "SIGTERM"),
    stopTimeoutMs: (config.StopTimeout ?? STOP_TIMEOUT_S) * 1000,
    ...(healthcheck ? { healthcheck } : {}),
    ...(request.runtime ? { runtime: request.runtime } : {}),
    ...(request.resolver ? { resolver: request.resolver } : {}),
    ...(request.reservePorts.length > 0 ? { reservePorts: request.reservePorts } : {}),
  };
}

/** Docker's restart policy in the shim's words. */
export function restartOf(host: HostConfig): ShimSettings["restart"] {
  const { Name, MaximumRetryCount } = host.RestartPolicy ?? {};
  return { policy: Name || "no", maxRetries: MaximumRetryCount ?? 0 };
}

/** `TERM`, `SIGTERM` and `15` are the same signal; `invalid` for one that Linux lacks. */
export function signalNumber(name: string): number {
  const invalid = () => new FairleadError("invalid", `invalid signal: ${name.slice(0, 40)}`);
  if (/^\d+$/.test(name)) {
    const number = Number(name);
    if (number < 1 || number > 64) throw invalid();
    return number;
  }
  const upper = name.toUpperCase().replace(/^SIG/, "");
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(upper);
  if (realtime) {
    const base = realtime[1] === "MIN" ? 34 : 64;
    const number = base + Number(`${realtime[2] ?? "+"}${realtime[3] ?? "0"}`);
    if (number >= 34 && number <= 64) return number;
    throw invalid();
  }
  const number = (constants.signals as Record<string, number>)[`SIG${upper}`];
  if (number === undefined) throw invalid();
  return number;
}

/** The check that runs, in milliseconds; undefined for none. Absent times are Docker's. */
export function healthcheckOf(
  check: HealthConfig | undefined,
  shell: string[] | null = [],
): HealthcheckSettings | undefined {
  const [kind, ...rest] = check?.Test ?? [];
  if (!check || kind === undefined || kind === "NONE") return undefined;
  const argv =
    kind === "CMD-SHELL" ? [...(shell?.length ? shell : ["/bin/sh", "-c"]), rest[0] ?? ""] : rest;
  const ms = (nano: number | undefined, otherwise: number) =>
    Math.max(1, Math.round((nano || otherwise) / 1e6));
  const startPeriod = check.StartPeriod ? ms(check.StartPeriod, 0) : 0;
  return {
    argv,
    intervalMs: ms(check.Interval, 30 * SECOND_NANO),
    timeoutMs: ms(check.Timeout, 30 * SECOND_NANO),
    retries: check.Retries || 3,
    startPeriodMs: startPeriod,
    startIntervalMs: ms(check.StartInterval, 5 * SECOND_NANO),
  };
}
