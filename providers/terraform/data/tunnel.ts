// The ephemeral resource of a tunnel: a local socket that leads to a host's engine while Terraform
// runs, for other providers and provisioners that speak the Docker Engine API.
import type { Tunnel } from "../../engine/tunnel/tunnel.ts";
import { log } from "../protocol/log.ts";
import { computed } from "../schema/attribute.ts";
import { hostArgument } from "./objects.ts";
import type { Ephemeral } from "./type.ts";

const open = new Map<string, Tunnel>();

export const tunnel: Ephemeral = {
  name: "fairlead_tunnel",
  doc: "A local socket that leads to the engine of a host while Terraform runs.",
  attributes: [
    hostArgument,
    computed("socket", "Path of the socket."),
    computed("docker_host", "The same for `DOCKER_HOST`: `unix:///PATH`."),
  ],
  async open(config, session) {
    const connection = await session.connections.find(String(config.host));
    await connection.connectAndInstall(session.stop);
    const made = await connection.tunnel({
      onError: (error) => log("warn", `tunnel to ${connection.host}: ${error.message}`),
    });
    const { socketPath: socket, dockerHost: docker_host } = made;
    open.set(socket, made);
    return { result: { host: config.host ?? null, socket, docker_host }, key: socket };
  },
  async close(key) {
    const made = open.get(key);
    open.delete(key);
    await made?.close();
  },
};

/** Ends every tunnel that is still open. */
export async function closeTunnels(): Promise<void> {
  for (const key of [...open.keys()]) await tunnel.close(key);
}
