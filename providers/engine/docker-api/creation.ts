// The creation of a container: what the engine takes with it, and what must come after it.
import { createRequest } from "../../../resources/kinds/container/docker/container.ts";
import { endpointSettings } from "../../../resources/kinds/container/docker/network-facets.ts";
import type { ContainerWish } from "../engine.ts";
import type { DockerClient } from "./client.ts";
import { putFiles } from "./initial-files.ts";
import { connect } from "./networks.ts";

/** Makes the container with its networks and files, not yet started; returns its id. */
export async function createContainer(
  client: DockerClient,
  { name, spec, labels }: ContainerWish,
): Promise<string> {
  const request = createRequest(spec, labels);
  const { Fairlead, ...docker } = request as typeof request & { Fairlead?: unknown };
  const ours = client.can.filesAtCreation && Fairlead !== undefined;
  const { Id: id } = await client.json<{ Id: string }>({
    ...{ method: "POST", path: "/containers/create" },
    query: { name, platform: spec.platform },
    body: ours ? { ...docker, Fairlead } : docker,
  });
  // Engines before API 1.44 take one network at creation.
  for (const [network, attachment] of Object.entries(spec.networks ?? {}).slice(1)) {
    await connect(client, network, id, endpointSettings(attachment));
  }
  if (spec.files && !ours) await putFiles(client, id, spec.files);
  return id;
}
