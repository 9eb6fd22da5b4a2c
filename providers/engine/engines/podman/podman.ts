// A Podman that is on the host already, by its service of Docker's API. It has no command that
// joins a socket, so the SSH server of the host must allow it.
import { NO_CAPABILITIES } from "../../../../resources/plan/observed.ts";
import type { EngineKind } from "../../connection/engine-kind.ts";
import { openAtSocket } from "../../connection/socket-host.ts";
import type { SocketFacts } from "../../docker-api/identify.ts";

/** What it does not say of itself. */
export const podmanFacts: SocketFacts = {
  // netavark's (containers-common, "ipam_options"), and Docker's word for the usual one.
  addressDrivers: ["default", "host-local", "dhcp", "none"],
  can: () => ({ ...NO_CAPABILITIES, choosesIpv6Subnets: true }),
};

export const podman: EngineKind = {
  title: "podman",
  isInstalled: false,
  open: (name, spec, options) =>
    openAtSocket(name, spec, options, {
      ...{ engine: "podman", socket: "/run/podman/podman.sock" },
      ...podmanFacts,
    }),
};
