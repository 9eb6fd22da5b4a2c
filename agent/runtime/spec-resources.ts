// linux.resources of a container from Docker's limits, for its start and for a live update. Pure
// but for asking which number a block device has.
import { statSync } from "node:fs";
import type { HostConfig, Resources } from "@docker/node-sdk";
import { FairleadError } from "../../resources/model/errors.ts";

/** The parts of OCI linux.resources that Docker's options reach. */
export interface OciResources {
  memory?: Record<string, number | boolean>;
  cpu?: Record<string, number | string>;
  pids?: { limit: number };
  blockIO?: Record<string, unknown>;
  devices?: { allow: boolean; type?: string; major?: number; minor?: number; access?: string }[];
}

/** Docker's CPU period when only NanoCpus says how much. */
const PERIOD_MICROSECONDS = 100_000;

/** Only what was asked for: absent keys leave the kernel's value. */
export function resourcesOf(limits: Resources | HostConfig): OciResources {
  const memory = memoryOf(limits);
  const cpu = cpuOf(limits);
  const blockIO = blockIoOf(limits);
  const pids = limits.PidsLimit;
  return {
    ...(Object.keys(memory).length > 0 ? { memory } : {}),
    ...(Object.keys(cpu).length > 0 ? { cpu } : {}),
    ...(Object.keys(blockIO).length > 0 ? { blockIO } : {}),
    ...(pids ? { pids: { limit: pids < 0 ? -1 : pids } } : {}),
  };
}

function memoryOf(limits: Resources): Record<string, number | boolean> {
  const memory: Record<string, number | boolean> = {};
  if (limits.Memory) memory.limit = limits.Memory;
  if (limits.MemoryReservation) memory.reservation = limits.MemoryReservation;
  // Docker: with a memory limit and no swap limit, swap may double it.
  if (limits.MemorySwap) memory.swap = limits.MemorySwap;
  else if (limits.Memory) memory.swap = limits.Memory * 2;
  if (limits.KernelMemoryTCP) memory.kernelTCP = limits.KernelMemoryTCP;
  const swappiness = limits.MemorySwappiness;
  if (swappiness !== undefined && swappiness !== null && swappiness >= 0) {
    memory.swappiness = swappiness;
  }
  if (limits.OomKillDisable) memory.disableOOMKiller = true;
  return memory;
}

function cpuOf(limits: Resources): Record<string, number | string> {
  const cpu: Record<string, number | string> = {};
  if (limits.CpuShares) cpu.shares = limits.CpuShares;
  if (limits.NanoCpus) {
    cpu.period = PERIOD_MICROSECONDS;
    cpu.quota = Math.round((limits.NanoCpus * PERIOD_MICROSECONDS) / 1e9);
  }
  if (limits.CpuPeriod) cpu.period = limits.CpuPeriod;
  if (limits.CpuQuota) cpu.quota = limits.CpuQuota;
  if (limits.CpuRealtimePeriod) cpu.realtimePeriod = limits.CpuRealtimePeriod;
  if (limits.CpuRealtimeRuntime) cpu.realtimeRuntime = limits.CpuRealtimeRuntime;
  if (limits.CpusetCpus) cpu.cpus = limits.CpusetCpus;
  if (limits.CpusetMems) cpu.mems = limits.CpusetMems;
  return cpu;
}

function blockIoOf(limits: Resources): Record<string, unknown> {
  const io: Record<string, unknown> = {};
  if (limits.BlkioWeight) io.weight = limits.BlkioWeight;
  const weights = limits.BlkioWeightDevice ?? [];
  if (weights.length > 0) {
    io.weightDevice = weights.map(({ Path, Weight }) => ({
      ...deviceNumber(Path),
      weight: Weight,
    }));
  }
  const rates = {
    throttleReadBpsDevice: limits.BlkioDeviceReadBps,
    throttleWriteBpsDevice: limits.BlkioDeviceWriteBps,
    throttleReadIOPSDevice: limits.BlkioDeviceReadIOps,
    throttleWriteIOPSDevice: limits.BlkioDeviceWriteIOps,
  };
  for (const [key, devices] of Object.entries(rates)) {
    if (devices && devices.length > 0) {
      io[key] = devices.map(({ Path, Rate }) => ({ ...deviceNumber(Path), rate: Rate }));
    }
  }
  return io;
}

function deviceNumber(path = ""): { major: number; minor: number } {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isBlockDevice()) {
    throw new FairleadError("invalid", `${JSON.stringify(path)} is not a block device`, { path });
  }
  return splitDevice(stat.rdev);
}

/** Linux's 64-bit device number, as in makedev(3). */
export function splitDevice(rdev: number): { major: number; minor: number } {
  const device = BigInt(rdev);
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
  const minor = (device & 0xffn) | ((device >> 12n) & ~0xffn);
  return { major: Number(major), minor: Number(minor) };
}
