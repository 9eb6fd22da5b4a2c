// What is on a lab host, asked of its engine directly and not through the provider; and what is
// known of an export.
import type { ContainerSummary, Volume } from "@docker/node-sdk";
import type { DockerClient } from "../../../providers/engine/docker-api/client.ts";
import { HttpClient } from "../../../providers/engine/docker-api/http-client.ts";
import { Hosts } from "../../../providers/engine/hosts/hosts.ts";
import { LocalTransport } from "../../../providers/engine/local/local.ts";
import { type PulumiValue, UNKNOWN } from "../../../providers/pulumi/value.ts";
import { host as hostType } from "../../../resources/kinds/host/host.ts";
import { check } from "../../../resources/model/schema.ts";
import type { Lab } from "../../lab/lab.ts";

/** Whether an export is there and known; the real engine shows what is unknown as this text. */
export function isKnown(value: PulumiValue | undefined): boolean {
  return (
    value !== undefined && value !== UNKNOWN && value !== "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
  );
}

/** Asks the engine of a lab host, over a connection of its own. */
export async function onHost<T>(
  lab: Lab,
  name: string,
  ask: (engine: DockerClient) => Promise<T>,
): Promise<T> {
  const hosts = new Hosts();
  const spec = check(hostType, {
    ...{ host: lab.host(name).address, user: "root" },
    ...{ privateKey: lab.privateKeyPath, knownHosts: lab.knownHostsPath },
  });
  try {
    const tunnel = await hosts.tunnel(name, spec, {});
    const client = new HttpClient(name, new LocalTransport(), tunnel.socketPath);
    try {
      return await ask(client);
    } finally {
      await client.close();
      await tunnel.close();
    }
  } finally {
    await hosts.close();
  }
}

/** Names of everything that a program may have made. */
export function whatIsThere(lab: Lab, name: string): Promise<string[]> {
  return onHost(lab, name, async (engine) => {
    const get = <T>(path: string, query = {}) => engine.json<T>({ method: "GET", path, query });
    const containers = await get<ContainerSummary[]>("/containers/json", { all: true });
    const networks = await get<{ Name: string }[]>("/networks");
    const { Volumes: volumes } = await get<{ Volumes: Volume[] | null }>("/volumes");
    const images = await get<{ RepoTags?: string[] }[]>("/images/json");
    const predefined = ["bridge", "host", "none"];
    return [
      ...containers.map((one) => one.Names?.[0] ?? ""),
      ...networks.map((one) => one.Name).filter((one) => !predefined.includes(one)),
      ...(volumes ?? []).map((one) => one.Name ?? ""),
      ...images.flatMap((one) => one.RepoTags ?? []),
    ];
  });
}
