// The verbs on volumes, as requests of Docker's Engine API.
import type { Volume } from "@docker/node-sdk";
import { createVolumeRequest } from "../../../resources/kinds/volume/docker.ts";
import type { VolumeVerbs } from "../engine.ts";
import type { DockerClient } from "./client.ts";
import { listQuery } from "./list-query.ts";

/** The verbs on the volumes of one host. */
export function volumeVerbs(client: DockerClient): VolumeVerbs {
  return {
    async list({ labels, signal } = {}) {
      const query = listQuery(labels);
      const found = await client.json<{ Volumes: Volume[] | null }>({
        ...{ method: "GET", path: "/volumes", query, signal },
      });
      return found.Volumes ?? [];
    },
    async create({ name, spec, labels, signal }) {
      const body = createVolumeRequest(name, spec, labels);
      await client.json({ method: "POST", path: "/volumes/create", body, signal });
    },
    async remove(name, signal) {
      await client.json({ method: "DELETE", path: `/volumes/${encodeURIComponent(name)}`, signal });
    },
  };
}
