// The routes that move files in and out of containers: docker cp and docker export.
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FairleadError } from "../../resources/model/errors.ts";
import {
  exportContainer,
  getArchive,
  type PathStat,
  type Place,
  putArchive,
  statPath,
} from "../objects/container/read/archive.ts";
import type { ContainerParts } from "../objects/container/state/parts.ts";
import { AGENT_HEADERS } from "./call.ts";
import { readFlag } from "./filters.ts";
import type { Call, Reply, Route } from "./route.ts";

export function archiveRoutes(parts: ContainerParts): Route[] {
  const path = "/containers/:id/archive";
  return [
    {
      method: "HEAD",
      path,
      handle: async (call) => {
        const stat = await statPath(placeOf(call, parts), parts);
        return { status: 200, headers: statHeader(stat) };
      },
    },
    {
      method: "GET",
      path,
      handle: (call) =>
        getArchive(placeOf(call, parts), parts, (stat, tar) =>
          sendTar(call, tar, statHeader(stat)),
        ),
    },
    { method: "PUT", path, handle: (call) => put(call, parts) },
    {
      method: "GET",
      path: "/containers/:id/export",
      handle: (call) => {
        const container = parts.containers.require(call.params.id ?? "");
        return exportContainer(container, parts, (tar) => sendTar(call, tar, {}));
      },
    },
  ];
}

async function put(call: Call, parts: ContainerParts): Promise<Reply> {
  const options = {
    noOverwriteDirNonDir: readFlag(call.query, "noOverwriteDirNonDir"),
    copyUidGid: readFlag(call.query, "copyUIDGID"),
  };
  await putArchive(placeOf(call, parts), call.request, options, parts);
  return { status: 200 };
}

function placeOf(call: Call, parts: ContainerParts): Place {
  const reference = call.params.id ?? "";
  const path = call.query.get("path") ?? "";
  if (path === "" || path.includes("\0")) {
    throw new FairleadError("invalid", "bad parameter: path cannot be empty");
  }
  return { container: parts.containers.require(reference), reference, path };
}

async function sendTar(call: Call, tar: Readable, headers: Record<string, string>): Promise<void> {
  call.response.writeHead(200, {
    ...AGENT_HEADERS,
    ...headers,
    "Content-Type": "application/x-tar",
  });
  await pipeline(tar, call.response);
}

function statHeader(stat: PathStat): Record<string, string> {
  const text = Buffer.from(JSON.stringify(stat)).toString("base64");
  return { "X-Docker-Container-Path-Stat": text };
}
