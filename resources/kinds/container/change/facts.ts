// What a host shows of a container beside its declaration.
import type { ContainerInspectResponse } from "@docker/node-sdk";
import type { Fact } from "../../../plan/kind.ts";
import { seenPorts } from "../docker/network-facets.ts";

export const containerFacts: readonly Fact<ContainerInspectResponse>[] = [
  {
    name: "containerId",
    doc: "Id of the container on the host.",
    ...{ type: "text", changes: "withObject", isId: true, of: ({ Id }) => Id ?? "" },
  },
  {
    name: "imageId",
    doc: "Id of the image it was made from.",
    ...{ type: "text", changes: "withObject", of: ({ Image }) => Image ?? "" },
  },
  {
    name: "status",
    doc: "`running`, `completed` (a job that has ended well), or what the engine says of it.",
    ...{ type: "text", changes: "withStart", of: statusOf },
  },
  {
    name: "addresses",
    doc: "Its IP addresses by network.",
    ...{ type: "textMap", changes: "withStart", with: ["networks"], of: addressesOf },
  },
  {
    name: "publishedPort",
    doc: "Its first published TCP port.",
    ...{ type: "port", changes: "withStart", of: publishedPort },
  },
];

/** Statuses with which there is nothing to do. */
export const WELL: ReadonlySet<string> = new Set(["running", "restarting", "completed"]);

function statusOf(seen: ContainerInspectResponse): string {
  const { Status: status = "", ExitCode: code } = seen.State ?? {};
  const policy = seen.HostConfig?.RestartPolicy?.Name;
  const mayEnd = !policy || policy === "no" || policy === "on-failure";
  return status === "exited" && code === 0 && mayEnd ? "completed" : status;
}

function addressesOf(seen: ContainerInspectResponse): Record<string, string> {
  const joined = Object.entries(seen.NetworkSettings?.Networks ?? {});
  return Object.fromEntries(
    joined.flatMap(([name, { IPAddress, GlobalIPv6Address }]) => {
      const address = IPAddress || GlobalIPv6Address;
      return address ? [[name, address]] : [];
    }),
  );
}

// The host may have chosen the port, so what it shows counts before what was asked for.
function publishedPort(seen: ContainerInspectResponse): number | undefined {
  const bound = Object.entries(seen.NetworkSettings?.Ports ?? {}).flatMap(([key, list]) =>
    key.endsWith("/tcp") ? (list ?? []).map(({ HostPort }) => Number(HostPort)) : [],
  );
  const asked = seenPorts(seen).flatMap(({ protocol, published }) =>
    protocol === "tcp" && published !== undefined ? [published] : [],
  );
  return bound.find((port) => port > 0) ?? asked[0];
}
