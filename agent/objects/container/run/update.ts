// Changes a container that exists: its name, its limits and restart policy, its own labels.
import type { ContainerUpdateRequest, Resources } from "@docker/node-sdk";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { resourcesOf } from "../../../runtime/spec-resources.ts";
import { restartOf } from "../../../runtime/spec-shim.ts";
import { editLabels, type LabelEdits } from "../../labels.ts";
import { checkHostConfig, checkResources } from "../create/limits.ts";
import { readBundle, replaceBundle } from "../state/bundle.ts";
import type { Container } from "../state/container.ts";
import { publish } from "../state/events.ts";
import type { ContainerParts } from "../state/parts.ts";

/** The limits that the kernel changes while a container runs. */
const LIVE = `BlkioWeight CpuShares CpuPeriod CpuQuota CpuRealtimePeriod CpuRealtimeRuntime
  CpusetCpus CpusetMems NanoCpus Memory MemoryReservation MemorySwap PidsLimit`.split(/\s+/);
const FIXED = `BlkioWeightDevice BlkioDeviceReadBps BlkioDeviceWriteBps BlkioDeviceReadIOps
  BlkioDeviceWriteIOps CgroupParent Devices DeviceCgroupRules DeviceRequests Init KernelMemoryTCP
  MemorySwappiness OomKillDisable Ulimits CpuCount CpuPercent IOMaximumIOps
  IOMaximumBandwidth`.split(/\s+/);

/** Applies new limits and a new restart policy, live when it runs; 0 leaves a limit as it is. */
export function updateContainer(
  container: Container,
  request: ContainerUpdateRequest,
  parts: ContainerParts,
): Promise<void> {
  return container.exclusive(async () => {
    container.requireRecord();
    if (container.record.removing) {
      throw new FairleadError("conflict", "container is marked for removal and cannot be updated");
    }
    const changes = changesOf(request);
    const host = { ...container.record.hostConfig, ...settleCpu(changes) };
    const policy = request.RestartPolicy?.Name ? request.RestartPolicy : undefined;
    if (policy && policy.Name !== "no" && host.AutoRemove) {
      throw new FairleadError(
        "conflict",
        "Restart policy cannot be updated because AutoRemove is enabled for the container",
      );
    }
    if (policy) host.RestartPolicy = { MaximumRetryCount: 0, ...policy };
    checkResources(host, parts.facts);
    checkHostConfig(host, container.record.config);
    if (container.shim && container.running) {
      // The next run, which may begin at any time, takes its limits from the bundle.
      const between = container.status === "restarting";
      const before = container.record.hostConfig;
      if (between) await rewriteBundle(container, host);
      const live = container.shim.update({
        ...(Object.keys(changes).length > 0 ? { resources: liveResources(host) } : {}),
        ...(policy ? { restart: restartOf(host) } : {}),
      });
      await live.catch(async (error: Error) => {
        if (between) await rewriteBundle(container, before);
        throw error;
      });
      if (!between) await rewriteBundle(container, host);
    }
    container.record.hostConfig = host;
    await container.save();
    publish(parts.events, container, "update");
  });
}

/** For a group that has limits already: one that is taken away must be said. */
function liveResources(host: Resources): object {
  const resources = resourcesOf(host);
  return host.PidsLimit === 0 ? { ...resources, pids: { limit: -1 } } : resources;
}

function changesOf(request: ContainerUpdateRequest): Resources {
  const given = Object.entries(request).filter(([, value]) => {
    return Array.isArray(value) ? value.length > 0 : Boolean(value);
  });
  const fixed = given.find(([key]) => FIXED.includes(key));
  if (fixed) {
    throw new FairleadError("unsupported", `${fixed[0]} cannot be changed after creation`, {
      hint: "create the container anew",
    });
  }
  const live = Object.fromEntries(given.filter(([key]) => LIVE.includes(key)));
  // The one limit that a client takes away by naming it.
  if ((request.PidsLimit ?? 1) <= 0) live.PidsLimit = 0;
  return live;
}

/** NanoCpus and period with quota exclude each other; the newest wins. */
function settleCpu(changes: Resources): Resources {
  if (changes.NanoCpus) return { ...changes, CpuPeriod: 0, CpuQuota: 0 };
  if (changes.CpuPeriod || changes.CpuQuota) return { ...changes, NanoCpus: 0 };
  return changes;
}

/** A restart by the shim applies the files of the bundle, so they follow. */
async function rewriteBundle(
  container: Container,
  host: Container["record"]["hostConfig"],
): Promise<void> {
  const { spec, settings } = await readBundle(container.paths);
  const linux = { ...spec.linux, resources: { ...spec.linux.resources, ...liveResources(host) } };
  await replaceBundle(container.paths, {
    spec: { ...spec, linux },
    settings: { ...settings, restart: restartOf(host) },
  });
}

/** Gives a container another name, on its networks too. */
export function renameContainer(
  container: Container,
  name: string,
  parts: ContainerParts,
): Promise<void> {
  return container.exclusive(async () => {
    container.requireRecord();
    const wanted = name.replace(/^\//, "");
    const { containers } = parts;
    const old = container.record.name;
    if (wanted === "") throw new FairleadError("invalid", "New name cannot be empty");
    if (wanted === old) {
      throw new FairleadError(
        "invalid",
        "Renaming a container with the same name as its current name",
      );
    }
    containers.reserve(wanted, container.id);
    container.record.name = wanted;
    try {
      await container.save();
      if (parts.network.find(container.id)) await parts.network.rename(container.id, wanted);
    } catch (error) {
      container.record.name = old;
      containers.release(wanted, container.id);
      throw error;
    }
    containers.release(old, container.id);
    publish(parts.events, container, "rename", { oldName: `/${old}` });
  });
}

/**
 * Edits labels: a text sets one, null takes it away; the running process stays as it is. With
 * `expects` only while they are so: of two clients that change it at once one is refused.
 */
export function relabelContainer(container: Container, edits: LabelEdits): Promise<void> {
  return container.exclusive(async () => {
    container.requireRecord();
    const { config, name } = container.record;
    config.Labels = editLabels(name, config.Labels ?? {}, edits);
    await container.save();
  });
}
