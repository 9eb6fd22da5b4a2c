// What a container uses, as docker stats reads it: from its control groups (v1 and v2) and the
// counters of its network namespace.

import type { ContainerStatsResponse } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { readText } from "../../host.ts";
import { isHostNetwork } from "../../network/predefined.ts";
import { nowNano } from "../../time.ts";
import type { Container } from "../state/container.ts";
import type { ContainerParts } from "../state/parts.ts";
import { cgroupFolder } from "../state/process.ts";

export interface StatsOptions {
  stream: boolean;
  /** One sample at once, without the one before it. */
  oneShot: boolean;
  signal: AbortSignal;
}

type Sample = Record<string, unknown>;
type CpuStats = Record<string, unknown>;

const INTERVAL_MS = 1000;
const NANO_PER_TICK = 1e7;
const BEFORE_ALL = "0001-01-01T00:00:00Z";

/** One sample, or one a second until the container is removed or the client leaves. */
export async function* containerStats(
  container: Container,
  options: StatsOptions,
  parts: ContainerParts,
): AsyncGenerator<ContainerStatsResponse> {
  if (options.oneShot && options.stream) {
    throw new FairleadError("invalid", "cannot have stream=true and one-shot=true");
  }
  let before: Sample | undefined;
  if (!options.oneShot && !options.stream && container.running) {
    before = sampleOf(container, parts);
    await pause(options.signal);
  }
  for (;;) {
    const sample = container.running ? sampleOf(container, parts) : idle(container);
    yield {
      ...sample,
      preread: before?.read ?? BEFORE_ALL,
      precpu_stats: before?.cpu_stats ?? EMPTY_CPU,
    } as unknown as ContainerStatsResponse;
    if (!options.stream || container.removed) return;
    before = sample;
    await pause(options.signal);
    if (options.signal.aborted) return;
  }
}

const EMPTY_CPU: CpuStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
};

function idle(container: Container): Sample {
  return {
    name: `/${container.record.name}`,
    id: container.id,
    read: BEFORE_ALL,
    pids_stats: {},
    blkio_stats: {},
    num_procs: 0,
    storage_stats: {},
    cpu_stats: EMPTY_CPU,
    memory_stats: {},
  };
}

function sampleOf(container: Container, parts: ContainerParts): Sample {
  const folder = (controller: string) => cgroupFolder(container, controller, parts);
  const two = parts.facts.cgroup.version === 2;
  const cpu = two ? cpuTwo(folder("cpu")) : cpuOne(folder("cpuacct"), folder("cpu"));
  return {
    ...idle(container),
    read: nowNano(),
    pids_stats: pids(folder("pids")),
    blkio_stats: two ? ioTwo(folder("io")) : ioOne(folder("blkio")),
    cpu_stats: { ...cpu, system_cpu_usage: systemCpu(), online_cpus: parts.facts.cpus },
    memory_stats: two
      ? memoryTwo(folder("memory"), parts.facts.memoryBytes)
      : memoryOne(folder("memory"), parts.facts.memoryBytes),
    networks: networks(container),
  };
}

function cpuOne(acct: string | undefined, cpu: string | undefined): CpuStats {
  const ticks = pairs(`${acct}/cpuacct.stat`);
  const throttling = pairs(`${cpu}/cpu.stat`);
  return {
    cpu_usage: {
      total_usage: number(`${acct}/cpuacct.usage`),
      percpu_usage: readText(`${acct}/cpuacct.usage_percpu`).trim().split(/\s+/).map(Number),
      usage_in_kernelmode: (ticks.system ?? 0) * NANO_PER_TICK,
      usage_in_usermode: (ticks.user ?? 0) * NANO_PER_TICK,
    },
    throttling_data: {
      periods: throttling.nr_periods ?? 0,
      throttled_periods: throttling.nr_throttled ?? 0,
      throttled_time: throttling.throttled_time ?? 0,
    },
  };
}

function cpuTwo(folder: string | undefined): CpuStats {
  const stat = pairs(`${folder}/cpu.stat`);
  return {
    cpu_usage: {
      total_usage: (stat.usage_usec ?? 0) * 1000,
      usage_in_kernelmode: (stat.system_usec ?? 0) * 1000,
      usage_in_usermode: (stat.user_usec ?? 0) * 1000,
    },
    throttling_data: {
      periods: stat.nr_periods ?? 0,
      throttled_periods: stat.nr_throttled ?? 0,
      throttled_time: (stat.throttled_usec ?? 0) * 1000,
    },
  };
}

function memoryOne(folder: string | undefined, hostBytes: number): Sample {
  return {
    usage: number(`${folder}/memory.usage_in_bytes`),
    max_usage: number(`${folder}/memory.max_usage_in_bytes`),
    stats: pairs(`${folder}/memory.stat`),
    failcnt: number(`${folder}/memory.failcnt`),
    limit: Math.min(number(`${folder}/memory.limit_in_bytes`) || hostBytes, hostBytes),
  };
}

function memoryTwo(folder: string | undefined, hostBytes: number): Sample {
  return {
    usage: number(`${folder}/memory.current`),
    stats: pairs(`${folder}/memory.stat`),
    limit: Math.min(number(`${folder}/memory.max`) || hostBytes, hostBytes),
  };
}

function pids(folder: string | undefined): Sample {
  const limit = number(`${folder}/pids.max`);
  return { current: number(`${folder}/pids.current`), ...(limit > 0 ? { limit } : {}) };
}

function ioOne(folder: string | undefined): Sample {
  const entries = (file: string) =>
    readText(`${folder}/${file}`)
      .split("\n")
      .flatMap((line) => {
        const [, major, minor, op, value] = /^(\d+):(\d+) (\w+) (\d+)$/.exec(line) ?? [];
        if (op === undefined) return [];
        return [
          {
            major: Number(major),
            minor: Number(minor),
            op: op.toLowerCase(),
            value: Number(value),
          },
        ];
      });
  return {
    io_service_bytes_recursive: entries("blkio.throttle.io_service_bytes_recursive"),
    io_serviced_recursive: entries("blkio.throttle.io_serviced_recursive"),
    io_queue_recursive: [],
    io_service_time_recursive: [],
    io_wait_time_recursive: [],
    io_merged_recursive: [],
    io_time_recursive: [],
    sectors_recursive: [],
  };
}

function ioTwo(folder: string | undefined): Sample {
  const bytes = readText(`${folder}/io.stat`)
    .split("\n")
    .flatMap((line) => {
      const [, major, minor, rest = ""] = /^(\d+):(\d+) (.*)$/.exec(line) ?? [];
      if (major === undefined) return [];
      const value = (key: string) => Number(new RegExp(`\\b${key}=(\\d+)`).exec(rest)?.[1] ?? 0);
      const base = { major: Number(major), minor: Number(minor) };
      return [
        { ...base, op: "read", value: value("rbytes") },
        { ...base, op: "write", value: value("wbytes") },
      ];
    });
  return {
    io_service_bytes_recursive: bytes,
    io_serviced_recursive: null,
    io_queue_recursive: null,
    io_service_time_recursive: null,
    io_wait_time_recursive: null,
    io_merged_recursive: null,
    io_time_recursive: null,
    sectors_recursive: null,
  };
}

/** The interfaces of the container's namespace but lo; those of the host are not its own. */
function networks(container: Container): Record<string, Record<string, number>> {
  if (isHostNetwork(container.record.hostConfig.NetworkMode)) return {};
  const found: Record<string, Record<string, number>> = {};
  for (const line of readText(`/proc/${container.state?.pid}/net/dev`).split("\n")) {
    const [, name, values = ""] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || name === "lo") continue;
    const counts = values.trim().split(/\s+/).map(Number);
    const at = (index: number) => counts[index] ?? 0;
    found[name] = {
      rx_bytes: at(0),
      rx_packets: at(1),
      rx_errors: at(2),
      rx_dropped: at(3),
      tx_bytes: at(8),
      tx_packets: at(9),
      tx_errors: at(10),
      tx_dropped: at(11),
    };
  }
  return found;
}

/** Nanoseconds of all processors since boot, from the first line of /proc/stat. */
function systemCpu(): number {
  const [line = ""] = readText("/proc/stat").split("\n");
  // user nice system idle iowait irq softirq steal; guests are counted in user already.
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return ticks.reduce((sum, value) => sum + value, 0) * NANO_PER_TICK;
}

function number(path: string): number {
  const value = Number(readText(path).trim() || Number.NaN);
  return Number.isFinite(value) ? value : 0;
}

function pairs(path: string): Record<string, number> {
  const lines = readText(path).trim().split("\n");
  return Object.fromEntries(
    lines
      .filter((line) => line !== "")
      .map((line) => {
        const [key = "", value] = line.split(" ");
        return [key, Number(value)];
      }),
  );
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, INTERVAL_MS);
    if (signal.aborted) finish();
    signal.addEventListener("abort", finish, { once: true });
  });
}
