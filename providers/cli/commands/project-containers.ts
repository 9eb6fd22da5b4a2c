// The containers of a project as its hosts list them, for ps, logs and exec.

import type { ContainerSummary } from "@docker/node-sdk";
import type { HostSpec } from "../../../resources/kinds/host/host.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { PROJECT_LABEL } from "../../../resources/wire.ts";
import type { HostSession } from "../session/host-session.ts";

const SERVICE_LABEL = "com.docker.compose.service";
const NUMBER_LABEL = "com.docker.compose.container-number";

export interface ProjectContainer {
  host: string;
  id: string;
  name: string;
  service: string;
  /** Of its service, from 1. */
  number: number;
  image: string;
  /** `running`, `exited`… */
  state: string;
  /** As the engine words it: `Up 5 minutes (healthy)`. */
  status: string;
  ports: string[];
}

/** All containers of a project on the chosen hosts, sorted; hosts are asked at the same time. */
export async function projectContainers(
  session: HostSession,
  project: string,
  hosts: Readonly<Record<string, HostSpec>>,
  all: boolean,
): Promise<ProjectContainer[]> {
  const found = await listed(session, hosts, `${PROJECT_LABEL}=${project}`, all);
  return found
    .map(({ host, one }) => read(host, one))
    .sort(
      (a, b) => compare(a.service, b.service) || a.number - b.number || compare(a.host, b.host),
    );
}

/** Containers of any project, by the label that names it. */
export async function labelledContainers(
  session: HostSession,
  hosts: Readonly<Record<string, HostSpec>>,
  label: string,
): Promise<{ host: string; project: string; state: string }[]> {
  const found = await listed(session, hosts, label, true);
  return found.map(({ host, one }) => ({
    ...{ host, project: one.Labels?.[label] ?? "", state: one.State ?? "" },
  }));
}

/** Hosts are asked at the same time. */
async function listed(
  session: HostSession,
  hosts: Readonly<Record<string, HostSpec>>,
  label: string,
  all: boolean,
): Promise<{ host: string; one: ContainerSummary }[]> {
  const chosen = session.chosen(Object.keys(hosts));
  const lists = await Promise.all(
    chosen.map(async (host) => {
      const engine = await session.engine(host, hosts[host]!);
      const { signal } = session;
      const listed = await engine.containers.list({ labels: [label], all, signal });
      return listed.map((one) => ({ host, one }));
    }),
  );
  return lists.flat();
}

/** One container of a service; `conflict` and `not_found` say what there is. */
export function oneContainer(
  containers: readonly ProjectContainer[],
  service: string,
  number: number | undefined,
): ProjectContainer {
  const running = containers.filter(
    (one) => one.service === service && (number === undefined || one.number === number),
  );
  const [first] = running;
  if (first !== undefined) return first;
  const which = number === undefined ? "" : ` number ${number}`;
  throw new FairleadError("not_found", `no running container${which} of service ${service}`, {
    hint: "fairlead ps --all shows what there is; fairlead up starts it",
  });
}

function read(host: string, one: ContainerSummary): ProjectContainer {
  const { Id: id = "", Labels: labels = {} } = one;
  const ports = (one.Ports ?? []).flatMap(({ IP, PrivatePort, PublicPort, Type }) => {
    const inside = `${PrivatePort}/${Type}`;
    if (PublicPort === undefined) return [inside];
    const address = IP?.includes(":") ? `[${IP}]` : (IP ?? "");
    return [`${address === "" ? "" : `${address}:`}${PublicPort}->${inside}`];
  });
  return {
    host,
    id,
    name: one.Names?.[0]?.replace(/^\//, "") ?? id.slice(0, 12),
    service: labels[SERVICE_LABEL] ?? "",
    number: Number(labels[NUMBER_LABEL] ?? 1),
    image: one.Image ?? "",
    state: one.State ?? "",
    status: one.Status ?? "",
    ports: [...new Set(ports)].sort(compare),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
