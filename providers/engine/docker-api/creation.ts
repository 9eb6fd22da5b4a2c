// The creation of a container: what the engine takes with it, and what must come after it.
import { createRequest } from "../../../resources/kinds/container/docker/container.ts";
import { endpointSettings } from "../../../resources/kinds/container/docker/network-facets.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { ContainerCreateRequest } from "../engine.ts";
import type { DockerClient } from "./client.ts";
import { putFiles } from "./initial-files.ts";
import { connect } from "./networks.ts";
import { containerPath } from "./path.ts";

/** Makes the container with its networks and files, not yet started; returns its id. */
export async function createContainer(
  client: DockerClient,
  { name, spec, labels }: ContainerCreateRequest,
): Promise<string> {
  const request = createRequest(spec, labels);
  const { Fairlead, ...docker } = request as typeof request & { Fairlead?: unknown };
  const ours = client.can.filesAtCreation && Fairlead !== undefined;
  const { Id: id, Warnings } = await client.json<{ Id: string; Warnings?: string[] | null }>({
    ...{ method: "POST", path: "/containers/create" },
    query: { name, platform: spec.platform },
    body: ours ? { ...docker, Fairlead } : docker,
  });
  await refuseDiscarded(client, id, Warnings ?? []);
  // Engines before API 1.44 take one network at creation.
  for (const [network, attachment] of Object.entries(spec.networks ?? {}).slice(1)) {
    await connect(client, network, id, endpointSettings(attachment));
  }
  if (spec.files && !ours) await putFiles(client, id, spec.files);
  return id;
}

// dockerd drops a limit that its kernel lacks, and says so in a warning that nobody would see.
async function refuseDiscarded(client: DockerClient, id: string, warnings: string[]) {
  const discarded = warnings.find((one) => /discarded/i.test(one));
  if (discarded === undefined) return;
  const query = { force: true, v: true };
  await client.json({ method: "DELETE", path: containerPath(id), query });
  throw new FairleadError("unsupported", `${client.host}: ${discarded}`, {
    hint: "Leave the limit out, or use a host that has it.",
  });
}
