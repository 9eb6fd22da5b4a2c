// The ephemeral resource of a tunnel: a local socket that leads to a host's engine while Terraform
// runs, for other providers and provisioners that speak the Docker Engine API.
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { endpointOf } from "../../engine/client/open.ts";
import type { Transport } from "../../engine/transport/transport.ts";
import { computed } from "../schema/attribute.ts";
import { hostArgument } from "./objects.ts";
import type { Ephemeral } from "./type.ts";

const open = new Map<string, { server: Server; folder: string }>();

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
    await connection.ready(session.stop);
    const transport = await connection.transport(session.stop);
    // Only this user may enter the folder, so only this user reaches the engine.
    const folder = mkdtempSync(join(tmpdir(), "fairlead-tunnel-"));
    const socket = join(folder, "engine.sock");
    const server = serve(transport, endpointOf(connection.spec).socket);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(socket, resolve);
    });
    open.set(socket, { server, folder });
    const result = { host: config.host ?? null, socket, docker_host: `unix://${socket}` };
    return { result, key: socket };
  },
  async close(key) {
    const tunnel = open.get(key);
    open.delete(key);
    tunnel?.server.close();
    if (tunnel) rmSync(tunnel.folder, { recursive: true, force: true });
  },
};

/** Ends every tunnel that is still open. */
export async function closeTunnels(): Promise<void> {
  for (const key of [...open.keys()]) await tunnel.close(key);
}

function serve(transport: Transport, engineSocket: string): Server {
  return createServer({ allowHalfOpen: true }, (client) => {
    client.on("error", () => {});
    transport.openStream(engineSocket).then(
      (stream) => {
        pipeline(client, stream, () => {});
        pipeline(stream, client, () => {});
      },
      () => client.destroy(),
    );
  });
}
