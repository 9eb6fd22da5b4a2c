// The --mount of RUN: caches that outlive a build, binds of contexts and stages, tmpfs.
import { posix } from "node:path";
import type { Mount } from "@docker/node-sdk";
import { parseBytes } from "../../resources/model/units.ts";
import { at } from "./dockerfile/lines.ts";
import type { Tree } from "./tree.ts";

export interface MountRequest {
  type: "bind" | "cache" | "tmpfs" | "secret" | "ssh";
  target: string;
  /** Another stage, a named context or an image; the build's context without. */
  from: string | undefined;
  source: string;
  writable: boolean;
  id: string;
  mode: number;
  uid: number;
  gid: number;
  sharing: "shared" | "private" | "locked";
  required: boolean;
  sizeBytes: number | undefined;
}

const TYPES = ["bind", "cache", "tmpfs", "secret", "ssh"];
const KEYS = [
  ...["type", "target", "dst", "destination", "source", "src", "from", "id", "mode", "uid", "gid"],
  ...["rw", "readwrite", "ro", "readonly", "sharing", "required", "size"],
];
const SHARING = ["shared", "private", "locked"];

/** `type=cache,target=/x`, as the reference of Dockerfiles has it. */
export function readMount(text: string, workingDir: string, number: number): MountRequest {
  const given = new Map<string, string>();
  for (const part of text.split(",")) {
    const [, key = "", value = "true"] = /^\s*([^=]+?)\s*(?:=([\s\S]*))?$/.exec(part) ?? [];
    if (!KEYS.includes(key)) throw at(number, `unexpected key ${JSON.stringify(key)} in --mount`);
    given.set(key, value);
  }
  const value = (...keys: string[]) => keys.map((key) => given.get(key)).find((one) => one);
  const type = value("type") ?? "bind";
  if (!TYPES.includes(type)) throw at(number, `unsupported mount type ${JSON.stringify(type)}`);
  const id = value("id");
  const named = value("target", "dst", "destination");
  const target = named ?? (type === "secret" ? `/run/secrets/${id ?? ""}` : undefined);
  if (target === undefined || target === "/run/secrets/") {
    throw at(number, `a --mount of type ${type} needs a target`);
  }
  const sharing = value("sharing") ?? "shared";
  if (!SHARING.includes(sharing))
    throw at(number, `unsupported sharing ${JSON.stringify(sharing)}`);
  if (type === "cache" && (value("from") ?? value("source", "src")) !== undefined) {
    throw at(number, "a cache that begins with the files of an image is not supported");
  }
  const where = posix.resolve(workingDir || "/", target);
  const writable =
    type === "cache" ? !isTrue(value("ro", "readonly")) : isTrue(value("rw", "readwrite"));
  return {
    type: type as MountRequest["type"],
    target: where,
    from: value("from"),
    source: value("source", "src") ?? "",
    writable,
    id: id ?? (type === "secret" ? posix.basename(where) : where),
    mode: Number.parseInt(value("mode") ?? (type === "cache" ? "0755" : "0400"), 8),
    uid: Number(value("uid") ?? 0),
    gid: Number(value("gid") ?? 0),
    sharing: sharing as MountRequest["sharing"],
    required: isTrue(value("required")),
    sizeBytes: parseBytes(value("size") ?? ""),
  };
}

const isTrue = (text: string | undefined) => text === "true" || text === "1";

/** The mount as a container's creation has it. */
export function bindOf(mount: MountRequest, source: string): Mount {
  return {
    Type: "bind",
    Source: source,
    Target: mount.target,
    ReadOnly: !mount.writable,
  };
}

export function tmpfsOf({ target, sizeBytes }: MountRequest): Mount {
  return {
    Type: "tmpfs",
    Target: target,
    ...(sizeBytes === undefined ? {} : { TmpfsOptions: { SizeBytes: sizeBytes } }),
  };
}

/** What of a tree a bind shows, as a path of the host. */
export function sourceIn(tree: Tree, { source }: MountRequest, number: number): string {
  const found = tree.find(source);
  if (found === undefined) throw at(number, `${JSON.stringify(source)}: not found`);
  return `${tree.root}/${found.path}`;
}
