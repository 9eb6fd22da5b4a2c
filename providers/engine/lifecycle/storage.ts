// The lifecycles of images, networks and volumes: what each operation of a plan asks of an engine.
import type { NetworkInspect } from "@docker/node-sdk";
import { createNetworkRequest, normalNetwork } from "../../../resources/docker/network.ts";
import { createVolumeRequest, normalVolume } from "../../../resources/docker/volume.ts";
import { FairleadError } from "../../../resources/errors.ts";
import { ownershipLabels } from "../../../resources/ownership.ts";
import { deliver } from "../image-source/deliver.ts";
import { pull } from "../image-source/pull.ts";
import { localImage } from "../image-source/targets.ts";
import { inspectIfThere } from "../observe.ts";
import { editLabels } from "./labels.ts";
import { allowing, specOf, type Task } from "./task.ts";

/** Pulls or delivers an image. */
export async function bringImage(task: Task): Promise<void> {
  const { engine, report, signal, operation } = task;
  const spec = specOf(task, "image");
  const local = await localImage(spec, engine, signal);
  if (!local) {
    await pull(engine, spec.name, spec.platform, report, signal);
    return;
  }
  if (operation.image !== undefined && operation.image !== local.id) {
    throw new FairleadError("conflict", `${spec.name} changed here after the plan was made`, {
      hint: "Make a new plan.",
    });
  }
  await deliver(engine, spec.name, local, report, signal);
}

/** Makes a network, makes it anew, edits its labels, or removes it. */
export async function changeNetwork(task: Task): Promise<void> {
  const { operation, engine, signal } = task;
  if (operation.action === "remove") await removeNetwork(task, operation.objectId!);
  else if (operation.action === "create") await createNetwork(task);
  else if (operation.action === "replace") await replaceNetwork(task);
  else {
    const spec = specOf(task, "network");
    await editLabels(engine, "network", operation, spec.labels, ownLabels(task), signal);
  }
}

/** Makes a volume, edits its labels, or removes it with its data. */
export async function changeVolume(task: Task): Promise<void> {
  const { operation, engine, signal } = task;
  if (operation.action === "remove") {
    const path = `/volumes/${operation.object}`;
    await allowing("not_found", engine.json({ method: "DELETE", path, signal }));
    return;
  }
  const spec = specOf(task, "volume");
  if (operation.action === "create") {
    const body = createVolumeRequest(operation.object, spec, ownLabels(task));
    await engine.json({ method: "POST", path: "/volumes/create", body, signal });
    return;
  }
  await editLabels(engine, "volume", operation, spec.labels, ownLabels(task), signal);
}

async function createNetwork({ engine, signal, ...task }: Task): Promise<void> {
  const { object } = task.operation;
  const spec = specOf({ engine, signal, ...task }, "network");
  const body = {
    ...createNetworkRequest(object, spec, ownLabels({ engine, signal, ...task })),
    // Engines before API 1.44 let two networks have one name unless told not to.
    CheckDuplicate: true,
  };
  await engine.json({ method: "POST", path: "/networks/create", body, signal });
}

async function removeNetwork({ engine, signal }: Task, id: string): Promise<void> {
  await allowing("not_found", engine.json({ method: "DELETE", path: `/networks/${id}`, signal }));
}

// Everything leaves the old network and joins the new one with the aliases and addresses it had.
async function replaceNetwork(task: Task): Promise<void> {
  const { engine, operation, signal } = task;
  const old = operation.objectId!;
  const seen = await inspectIfThere<NetworkInspect>(engine, `/networks/${old}`, signal);
  const guests: { id: string; settings: unknown }[] = [];
  for (const id of Object.keys(seen?.Containers ?? {})) {
    const container = await inspectIfThere<{
      NetworkSettings?: { Networks?: Record<string, { NetworkID?: string }> };
    }>(engine, `/containers/${id}/json`, signal);
    const endpoints = Object.values(container?.NetworkSettings?.Networks ?? {});
    guests.push({ id, settings: keptSettings(endpoints.find((one) => one.NetworkID === old)) });
    const body = { Container: id, Force: true };
    await engine.json({ method: "POST", path: `/networks/${old}/disconnect`, body, signal });
  }
  await removeNetwork(task, old);
  await createNetwork(task);
  for (const { id, settings } of guests) {
    const body = { Container: id, EndpointConfig: settings };
    const path = `/networks/${operation.object}/connect`;
    await engine.json({ method: "POST", path, body, signal });
  }
}

function keptSettings(endpoint: object | undefined) {
  const { Aliases, IPAMConfig } = (endpoint ?? {}) as { Aliases?: unknown; IPAMConfig?: unknown };
  return { ...(Aliases ? { Aliases } : {}), ...(IPAMConfig ? { IPAMConfig } : {}) };
}

function ownLabels(task: Task): Record<string, string> {
  const { project, operation, resource } = task;
  if (resource?.kind === "network") {
    return ownershipLabels(project, operation.name, normalNetwork(resource.spec));
  }
  return ownershipLabels(project, operation.name, normalVolume(specOf(task, "volume")));
}
