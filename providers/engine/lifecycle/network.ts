// The lifecycle of a network: made, made anew with its containers kept on it, labelled, removed.
import type { EndpointSettings, NetworkInspect } from "@docker/node-sdk";
import { normalNetwork } from "../../../resources/kinds/network/docker.ts";
import { lastApplied, ownershipLabels } from "../../../resources/plan/ownership.ts";
import { allowing, ifThere } from "../allowing.ts";
import type { EngineClient } from "../engine.ts";
import { editLabels } from "./labels.ts";
import { type Lifecycle, withoutWait } from "./lifecycle.ts";
import { specOf, type Task } from "./task.ts";

export const networkLifecycle: Lifecycle = {
  change: withoutWait(changeNetwork),
  inspect: (engine, id, signal) => engine.networks.inspect(id, signal),
};

/** Makes a network, makes it anew, edits its labels, or removes it. */
async function changeNetwork(task: Task): Promise<void> {
  const { operation, engine, signal } = task;
  if (operation.action === "remove") await removeNetwork(task, operation.objectId!);
  else if (operation.action === "create") await createNetwork(task);
  else if (operation.action === "replace") await replaceNetwork(task);
  else {
    const spec = specOf(task, "network");
    await editLabels(engine, "network", operation, spec.labels, ownLabels(task), signal);
  }
}

async function createNetwork(task: Task): Promise<void> {
  const { engine, operation, signal } = task;
  const spec = specOf(task, "network");
  await engine.networks.create({
    ...{ name: operation.object, spec, labels: ownLabels(task), signal },
  });
}

async function removeNetwork({ engine, signal }: Task, id: string): Promise<void> {
  await allowing("not_found", engine.networks.remove(id, signal));
}

// Everything leaves the old network and joins the new one with the aliases and addresses it had.
// Two networks cannot have one name or one subnet, so the old one goes first; when the new one
// cannot be made or joined, the old one is made again.
async function replaceNetwork(task: Task): Promise<void> {
  const { engine, operation, signal } = task;
  const old = operation.objectId!;
  const seen = await ifThere(engine.networks.inspect(old, signal));
  if (!seen) {
    await createNetwork(task);
    return;
  }
  const attached = await attachedTo(engine, seen, signal);
  try {
    for (const { id } of attached) await engine.networks.disconnect(old, id);
    await removeNetwork(task, old);
    await createNetwork(task);
    await join(engine, operation.object, attached);
  } catch (error) {
    await rollBack(task, seen, attached);
    throw error;
  }
}

interface Attached {
  id: string;
  settings: EndpointSettings;
}

async function attachedTo(
  engine: EngineClient,
  network: NetworkInspect,
  signal: AbortSignal | undefined,
): Promise<Attached[]> {
  const attached: Attached[] = [];
  for (const id of Object.keys(network.Containers ?? {})) {
    const container = await ifThere(engine.containers.inspect(id, signal));
    const endpoints = Object.values(container?.NetworkSettings?.Networks ?? {});
    const endpoint = endpoints.find((one) => one.NetworkID === network.Id);
    if (container) attached.push({ id, settings: keptSettings(endpoint) });
  }
  return attached;
}

async function join(engine: EngineClient, network: string, attached: Attached[]): Promise<void> {
  for (const { id, settings } of attached) {
    await engine.networks.connect(network, id, settings);
  }
}

async function rollBack(task: Task, seen: NetworkInspect, attached: Attached[]): Promise<void> {
  const { engine, operation } = task;
  const name = seen.Name ?? operation.object;
  try {
    let there = await ifThere(engine.networks.inspect(name));
    if (there && there.Id !== seen.Id) {
      for (const id of Object.keys(there.Containers ?? {})) {
        await engine.networks.disconnect(there.Id!, id);
      }
      await removeNetwork({ ...task, signal: undefined }, there.Id!);
      there = undefined;
    }
    if (!there) await createAgain(engine, seen);
    const joined = Object.keys(there?.Containers ?? {});
    await join(
      engine,
      name,
      attached.filter(({ id }) => !joined.includes(id)),
    );
    task.rolledBack(`${name} is back as it was`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    task.rolledBack(`${name} could not be brought back: ${reason}`);
  }
}

// Another network may have got the old one's subnet meanwhile. Unless someone asked for that very
// subnet, another one will do.
async function createAgain(engine: EngineClient, seen: NetworkInspect): Promise<void> {
  try {
    await engine.networks.createAgain(seen, true);
  } catch (error) {
    if (lastApplied(seen.Labels).subnets !== undefined) throw error;
    await engine.networks.createAgain(seen, false);
  }
}

function keptSettings(endpoint: EndpointSettings | undefined): EndpointSettings {
  const { Aliases, IPAMConfig } = endpoint ?? {};
  return { ...(Aliases ? { Aliases } : {}), ...(IPAMConfig ? { IPAMConfig } : {}) };
}

function ownLabels(task: Task): Record<string, string> {
  const { project, operation } = task;
  return ownershipLabels(project, operation.name, normalNetwork(specOf(task, "network")));
}
