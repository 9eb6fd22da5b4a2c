// Gives files to a container of an engine that does not take them with the creation: as a tar that
// is unpacked into its root.
import { pack } from "tar-stream";
import { wireFile } from "../../../resources/kinds/container/docker/file-facets.ts";
import type { File } from "../../../resources/kinds/container/mount.ts";
import type { DockerClient } from "./client.ts";
import { containerPath } from "./path.ts";

/** Puts the files into a container that has not started. */
export async function putFiles(
  client: DockerClient,
  id: string,
  files: readonly File[],
): Promise<void> {
  const tar = pack();
  for (const { Target, Uid, Gid, Mode, Content } of files.map(wireFile)) {
    const header = { name: Target.slice(1), uid: Uid, gid: Gid, mode: Mode, mtime: new Date(0) };
    tar.entry(header, Buffer.from(Content, "base64"));
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar as unknown as AsyncIterable<Buffer>) chunks.push(chunk);
  await client.json({
    ...{ method: "PUT", path: containerPath(id, "/archive"), query: { path: "/" } },
    headers: { "content-type": "application/x-tar" },
    body: Buffer.concat(chunks),
  });
}
