// What a host is, as its engine tells it.
import type { SystemInfo, SystemVersion } from "@docker/node-sdk";
import { type AgentInfo, agentInfo } from "../../../resources/wire.ts";
import type { HostInfo } from "../engine.ts";
import { answerOf } from "./answer.ts";
import type { DockerClient } from "./client.ts";

/** What the host is. */
export async function hostInfo(client: DockerClient, signal?: AbortSignal): Promise<HostInfo> {
  const said = await client.json<SystemInfo>({ method: "GET", path: "/info", signal });
  return {
    version: said.ServerVersion,
    operatingSystem: said.OperatingSystem,
    kernel: said.KernelVersion,
    architecture: said.Architecture,
    cpus: said.NCPU,
    memoryBytes: said.MemTotal,
    cgroups: said.CgroupVersion,
    warnings: (said.Warnings ?? []).map((warning) => warning.replace(/^WARNING: /, "")),
  };
}

/** What our agent says of itself; undefined for another engine. */
export async function agentInfoOf(
  client: DockerClient,
  signal?: AbortSignal,
): Promise<AgentInfo | undefined> {
  if (!client.can.observesAtOnce) return undefined;
  return answerOf(client, agentInfo, { method: "GET", path: "/fairlead/info", signal });
}

/** What images must be made for there. */
export async function platformOf(client: DockerClient, signal?: AbortSignal): Promise<string> {
  const { Os, Arch } = await client.json<SystemVersion>({
    ...{ method: "GET", path: "/version", signal },
  });
  return `${Os ?? "linux"}/${Arch ?? "amd64"}`;
}
