// What an execution driver cannot do: told to clients for their plans, and refused at creation
// before anything is made.
import type { HostConfig } from "@docker/node-sdk";
import { FairleadError } from "../../resources/model/errors.ts";
import type { DriverLimit } from "../../resources/wire.ts";
import type { RuntimeEntry } from "./runtime-entry.ts";

const SPREADING = ["shared", "rshared", "slave", "rslave"];

const LXC: DriverLimit[] = [
  {
    field: "mounts.propagation",
    values: SPREADING,
    why: "lxc keeps every mount of a container private",
  },
];

/** In the words of the declaration of a container. */
export function limitsOf(kind: RuntimeEntry["kind"]): DriverLimit[] {
  return kind === "lxc" ? LXC : [];
}

/** Refuses what the driver of a container cannot honour. */
export function checkDriver(
  host: HostConfig,
  { name, kind }: RuntimeEntry,
  rootless: boolean,
): void {
  if (rootless && kind !== "native") {
    throw new FairleadError("unsupported", `runtime ${name}: the agent on this host is not root`, {
      hint: "use the native runtime, or let root run the agent",
    });
  }
  if (kind !== "lxc") return;
  const binds = (host.Binds ?? []).map((text) => text.split(":")[2]?.split(",") ?? []);
  const mounts = (host.Mounts ?? []).map(({ BindOptions }) => [BindOptions?.Propagation ?? ""]);
  const asked = [...binds, ...mounts].flat().find((option) => SPREADING.includes(option));
  if (asked === undefined) return;
  throw new FairleadError("unsupported", `mount propagation ${asked} with the runtime ${name}`, {
    hint: `${LXC[0]?.why}: use private, or another runtime`,
  });
}
