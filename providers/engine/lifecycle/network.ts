// The lifecycle of a network: made, made anew with its containers kept on it, labelled, removed.
import type { NetworkCreateRequest, NetworkInspect } from "@docker/node-sdk";
import { createNetworkRequest, normalNetwork } from "../../../resources/kinds/network/docker.ts";
import { lastApplied, ownershipLabels } from "../../../resources/plan/ownership.ts";
import type { EngineClient } from "../engine.ts";
import { inspectIfThere } from "../observe.ts";
import { editLabels } from "./labels.ts";
import { allowing, specOf, type Task } from "./task.ts";

/** Makes a network, makes it anew, edits its labels, or removes it. */
export async function changeNetwork(task: Task): Promise<void> {
  const { operation, engine, signal } = task;
  if (operation.action === "remove") await removeNetwork(task, operation.objectId!);
  else if (operation.action === "create") await createNetwork(task, requestOf(task), signal);
  else if (operation.action === "replace") await replaceNetwork(task);
  else {
    const spec = specOf(task, "network");
    await editLabels(engine, "network", operation, spec.labels, ownLabels(task), signal);
  }
}

function requestOf(task: Task): NetworkCreateRequest {
  return createNetworkRequest(task.operation.object, specOf(task, "network"), ownLabels(task));
}

async function createNetwork(
  { engine }: Task,
  request: NetworkCreateRequest,
  signal: AbortSignal | undefined,
): Promise<void> {
  // Engines before API 1.44 let two networks have one name unless told not to.
  const body = { ...request, CheckDuplicate: true };
  await engine.json({ method: "POST", path: "/networks/create", body, signal });
}

async function removeNetwork({ engine, signal }: Task, id: string): Promise<void> {
  await allowing("not_found", engine.json({ method: "DELETE", path: `/networks/${id}`, signal }));
}

// Everything leaves the old network and joins the new one with the aliases and addresses it had.
// Two networks cannot have one name or one subnet, so the old one goes first; when the new one
// cannot be made or joined, the old one is made again.
async function replaceNetwork(task: Task): Promise<void> {
  const { engine, operation, signal } = task;
  const old = operation.objectId!;
  const seen = await inspectIfThere<NetworkInspect>(engine, `/networks/${old}`, signal);
  if (!seen) {
    await createNetwork(task, requestOf(task), signal);
    return;
  }
  const guests = await guestsOf(engine, seen, signal);
  try {
    for (const { id } of guests) {
      const body = { Container: id, Force: true };
      await engine.json({ method: "POST", path: `/networks/${old}/disconnect`, body });
    }
    await removeNetwork(task, old);
    await createNetwork(task, requestOf(task), signal);
    await join(engine, operation.object, guests);
  } catch (error) {
    await rollBack(task, seen, guests);
    throw error;
  }
}

interface Guest {
  id: string;
  settings: object;
}

async function guestsOf(
  engine: EngineClient,
  network: NetworkInspect,
  signal: AbortSignal | undefined,
): Promise<Guest[]> {
  const guests: Guest[] = [];
  for (const id of Object.keys(network.Containers ?? {})) {
    const container = await inspectIfThere<{
      NetworkSettings?: { Networks?: Record<string, { NetworkID?: string }> };
    }>(engine, `/containers/${id}/json`, signal);
    const endpoints = Object.values(container?.NetworkSettings?.Networks ?? {});
    const endpoint = endpoints.find((one) => one.NetworkID === network.Id);
    if (container) guests.push({ id, settings: keptSettings(endpoint) });
  }
  return guests;
}

async function join(engine: EngineClient, network: string, guests: Guest[]): Promise<void> {
  for (const { id, settings } of guests) {
    const body = { Container: id, EndpointConfig: settings };
    await engine.json({ method: "POST", path: `/networks/${network}/connect`, body });
  }
}

async function rollBack(task: Task, seen: NetworkInspect, guests: Guest[]): Promise<void> {
  const { engine, operation } = task;
  const name = seen.Name ?? operation.object;
  try {
    let there = await inspectIfThere<NetworkInspect>(engine, `/networks/${name}`);
    if (there && there.Id !== seen.Id) {
      for (const id of Object.keys(there.Containers ?? {})) {
        const body = { Container: id, Force: true };
        await engine.json({ method: "POST", path: `/networks/${there.Id}/disconnect`, body });
      }
      await removeNetwork({ ...task, signal: undefined }, there.Id!);
      there = undefined;
    }
    if (!there) await createAgain(task, seen);
    const joined = Object.keys(there?.Containers ?? {});
    await join(
      engine,
      name,
      guests.filter(({ id }) => !joined.includes(id)),
    );
    task.rolledBack(`${name} is back as it was`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    task.rolledBack(`${name} could not be brought back: ${reason}`);
  }
}

// Another network may have got the old one's subnet meanwhile. Unless someone asked for that very
// subnet, another one will do.
async function createAgain(task: Task, seen: NetworkInspect): Promise<void> {
  const request = sameAgain(seen);
  try {
    await createNetwork(task, request, undefined);
  } catch (error) {
    if (lastApplied(seen.Labels).subnets !== undefined) throw error;
    const { Config: _taken, ...IPAM } = request.IPAM ?? {};
    await createNetwork(task, { ...request, IPAM }, undefined);
  }
}

function sameAgain(seen: NetworkInspect): NetworkCreateRequest {
  const { Name = "", Driver, Options, Internal, Attachable, EnableIPv6, IPAM, Labels } = seen;
  const given = { Driver, Options, Internal, Attachable, EnableIPv6, IPAM, Labels };
  const known = Object.entries(given).filter(([, value]) => value !== undefined);
  return { Name, ...Object.fromEntries(known) };
}

function keptSettings(endpoint: object | undefined): object {
  const { Aliases, IPAMConfig } = (endpoint ?? {}) as { Aliases?: unknown; IPAMConfig?: unknown };
  return { ...(Aliases ? { Aliases } : {}), ...(IPAMConfig ? { IPAMConfig } : {}) };
}

function ownLabels(task: Task): Record<string, string> {
  const { project, operation } = task;
  return ownershipLabels(project, operation.name, normalNetwork(specOf(task, "network")));
}
