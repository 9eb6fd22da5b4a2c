// POST /commit: an image of a container.
import { FairleadError } from "../../resources/model/errors.ts";
import { applyChanges } from "../build/changes.ts";
import { commitContainer } from "../objects/container/read/commit.ts";
import type { ContainerParts } from "../objects/container/state/parts.ts";
import type { Images } from "../objects/image/images.ts";
import { readCommitBody } from "./container-body.ts";
import { readFlag } from "./filters.ts";
import { withTag } from "./images.ts";
import type { Call, Reply, Route } from "./route.ts";

export function commitRoutes(parts: ContainerParts, images: Images): Route[] {
  return [{ method: "POST", path: "/commit", handle: (call) => commit(call, parts, images) }];
}

async function commit(call: Call, parts: ContainerParts, images: Images): Promise<Reply> {
  const { query } = call;
  const config = readCommitBody(await call.json());
  const reference = query.get("container") ?? "";
  if (reference === "") throw new FairleadError("invalid", "container: a name is required");
  const repository = query.get("repo") ?? "";
  const changes = query.getAll("changes").flatMap((lines) => lines.split("\n").filter(Boolean));
  const id = await commitContainer(
    parts.containers.require(reference),
    {
      config,
      change: (config) => applyChanges(config, changes),
      name: repository === "" ? undefined : withTag(repository, query.get("tag")),
      author: query.get("author") ?? "",
      comment: query.get("comment") ?? "",
      pause: readFlag(query, "pause", true),
    },
    images.content,
    parts,
  );
  return { status: 201, body: { Id: id } };
}
