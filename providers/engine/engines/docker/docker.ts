// A Docker that is on the host already.
import { isOlder } from "../../../../resources/plan/capability.ts";
import { NO_CAPABILITIES } from "../../../../resources/plan/observed.ts";
import type { EngineKind } from "../../connection/engine-kind.ts";
import { openAtSocket } from "../../connection/socket-host.ts";
import type { SocketFacts } from "../../docker-api/identify.ts";

/** What it does not say of itself. */
export const dockerFacts: SocketFacts = {
  addressDrivers: ["default", "null"],
  // Docker 27: "If no IPv6 address pool is configured, one is allocated from a ULA prefix".
  can: (apiVersion) => ({ ...NO_CAPABILITIES, choosesIpv6Subnets: !isOlder(apiVersion, "1.46") }),
};

export const docker: EngineKind = {
  title: "docker",
  isInstalled: false,
  open: (name, spec, options) =>
    openAtSocket(name, spec, options, {
      engine: "docker",
      socket: "/var/run/docker.sock",
      ...dockerFacts,
      relay: (socket) => ["docker", "--host", `unix://${socket}`, "system", "dial-stdio"],
    }),
};
