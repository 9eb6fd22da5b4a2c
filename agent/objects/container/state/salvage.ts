// What is still known of a container whose record cannot be read: enough that its name and its
// volumes stay taken, and that its processes can be told and stopped. Reads only.

import { readFile } from "node:fs/promises";
import type { UnreadableRecord } from "../../../../resources/wire.ts";
import { salvageText } from "../../../state/salvage.ts";
import type { ContainerPaths, ContainerRecord, MountRecord } from "./record.ts";

export interface SalvageFrom {
  id: string;
  paths: ContainerPaths;
  /** The agent's `--root` and `--run`. */
  root: string;
  run: string;
}

/** A record in place of the one that is lost; it is never written. */
export async function salvageRecord(
  unreadable: UnreadableRecord,
  { id, paths, root, run }: SalvageFrom,
): Promise<ContainerRecord> {
  const text = await readText(unreadable.setAside);
  const sandbox = await readText(`${run}/sandboxes/${id}.json`);
  const bundle = await readText(paths.config);
  const name =
    named(salvageText(text, "name")) ??
    named(salvageText(sandbox, "containerName")) ??
    `unreadable_${id.slice(0, 12)}`;
  const volumes = new Set([
    ...all(text, /"type":"volume","name":"([^"\\]+)"/g),
    ...all(bundle, /"source":"([^"\\]+)"/g).flatMap((source) => volumeOf(source, root)),
  ]);
  return {
    id,
    name,
    created: salvageText(text, "created") ?? "1970-01-01T00:00:00.000000000Z",
    imageId: salvageText(text, "imageId") ?? "",
    path: "",
    args: [],
    config: {},
    hostConfig: {},
    endpoints: [],
    ports: [],
    mounts: [...volumes].map((volume) => volumeMount(volume, root)),
    files: [],
  };
}

function volumeOf(source: string, root: string): string[] {
  const inside = source.startsWith(`${root}/volumes/`) ? source.slice(root.length + 9) : "";
  const [name = ""] = inside.split("/");
  return name === "" ? [] : [name];
}

function volumeMount(name: string, root: string): MountRecord {
  return {
    type: "volume",
    name,
    source: `${root}/volumes/${name}/_data`,
    target: "",
    driver: "local",
    mode: "",
    readOnly: false,
    propagation: "",
    recursive: false,
    readOnlyBelow: "no",
    subpath: "",
    tmpfsOptions: [],
    copyUp: false,
    anonymous: false,
  };
}

async function readText(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

function named(name: string | undefined): string | undefined {
  return name !== undefined && /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name) ? name : undefined;
}

function all(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, value = ""]) => value);
}
