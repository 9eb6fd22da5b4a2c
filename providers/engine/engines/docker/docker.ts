// A Docker that is on the host already.
import type { EngineKind } from "../../connection/engine-kind.ts";
import { openAtSocket } from "../../connection/socket-host.ts";

export const docker: EngineKind = {
  title: "docker",
  isInstalled: false,
  open: (name, spec, options) =>
    openAtSocket(name, spec, options, {
      engine: "docker",
      socket: "/var/run/docker.sock",
      addressDrivers: ["default", "null"],
      relay: (socket) => ["docker", "--host", `unix://${socket}`, "system", "dial-stdio"],
    }),
};
