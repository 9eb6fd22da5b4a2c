// Limits and reservations of a service, from its own attributes and from deploy.resources.
import type { Path } from "../document/node.ts";
import type { Service } from "../model/types.ts";
import type { Translation } from "./context.ts";
import { given } from "./source.ts";

/** The kernel's period of a processor quota, in microseconds. */
const PERIOD_US = 100_000;
/** The weight of one processor. */
const SHARES = 1024;

/** What a container may use. The two places agree where both say something. */
export function limitsOf(service: Service, path: Path, translation: Translation) {
  const { limits, reservations } = service.deploy?.resources ?? {};
  const bytes = (digits: string | undefined) => (digits === undefined ? undefined : Number(digits));
  return {
    cpus: limits?.cpus ?? service.cpus ?? quota(service, path, translation),
    // A reservation of processors holds when they are short: that is what the weight says.
    cpuShares:
      service.cpu_shares ??
      (reservations?.cpus === undefined
        ? undefined
        : Math.max(2, Math.round(reservations.cpus * SHARES))),
    cpuset: service.cpuset,
    memory: bytes(limits?.memory ?? service.mem_limit),
    memoryReservation: bytes(reservations?.memory ?? service.mem_reservation),
    memorySwap: bytes(service.memswap_limit),
    pidsLimit: limits?.pids ?? service.pids_limit,
    ulimits: service.ulimits,
    oomScoreAdj: service.oom_score_adj,
    oomKillDisable: service.oom_kill_disable,
    memorySwappiness: bytes(service.mem_swappiness),
    cpuRealtimePeriod: service.cpu_rt_period,
    cpuRealtimeRuntime: service.cpu_rt_runtime,
    cgroupParent: service.cgroup_parent,
    blockIo: blockIoOf(service),
  };
}

function blockIoOf({ blkio_config: config }: Service) {
  if (config === undefined) return undefined;
  const rates = (list: typeof config.device_read_bps) =>
    list?.map(({ path = "", rate }) => ({ path, rate: Number(rate) }));
  return given({
    weight: config.weight,
    weightDevices: config.weight_device?.map(({ path = "", weight = 0 }) => ({ path, weight })),
    readBps: rates(config.device_read_bps),
    writeBps: rates(config.device_write_bps),
    readIops: rates(config.device_read_iops),
    writeIops: rates(config.device_write_iops),
  });
}

/** `cpu_quota` of `cpu_period` microseconds is a number of processors. */
function quota(service: Service, path: Path, translation: Translation): number | undefined {
  const { cpu_quota: use, cpu_period: period = PERIOD_US } = service;
  if (use === undefined && service.cpu_period !== undefined) {
    translation.refuse([...path, "cpu_period"], "needs cpu_quota", "Use cpus.");
  }
  return use === undefined || use < 0 ? undefined : use / period;
}
