// Names and ids: what a URN says, ids of hosts and of what is on them, labels and generated names.
import { createHash } from "node:crypto";
import { FairleadError } from "../../../resources/model/errors.ts";

/** The label that says which resource of which stack made an object, so that a killed run's
 * leftovers are found again. */
export const URN_LABEL = "com.pulumi.urn";

const LONGEST_NAME = 63;

/** `urn:pulumi:STACK::PROJECT::TYPE::NAME`. */
export function partsOf(urn: string): { project: string; name: string; type: string } {
  const [head = "", project = "", types = "", ...name] = urn.split("::");
  const stack = head.replace(/^urn:pulumi:/, "");
  const type = types.split("$").at(-1) ?? "";
  return { project: projectOf(project, stack), name: name.join("::"), type };
}

/** `HOST/NAME`. */
export function idOf(host: string, object: string): string {
  return `${host}/${object}`;
}

/** Host and name in an id; a host may be an address with slashes of its own. */
export function splitId(id: string): { host: string; object: string } {
  const match =
    /^(ssh:\/\/[^/]+|unix:\/\/\/.+?\.sock|[^/]+)\/(.+)$/.exec(id) ??
    /^(unix:\/\/.+)\/([^/]+)$/.exec(id);
  if (match) return { host: match[1]!, object: match[2]! };
  throw new FairleadError("invalid", `${JSON.stringify(id)} is no id of an object on a host`, {
    hint: "Write HOST/NAME, as in web-1/web or ssh://root@203.0.113.10/web.",
  });
}

/** A name for an object, from the resource's; `seed` makes it unique. */
export function generatedName(name: string, seed: Uint8Array): string {
  const random = createHash("sha256").update(seed).digest("hex").slice(0, 7);
  return `${safe(name).slice(0, LONGEST_NAME - 8)}-${random}`;
}

/** The name of a volume, the same in every run: data is found again. */
export function lastingName(project: string, name: string): string {
  return `${project}_${safe(name)}`.slice(0, 2 * LONGEST_NAME);
}

function projectOf(project: string, stack: string): string {
  const text = `${project}-${stack.split("/").at(-1)}`.toLowerCase().replace(/[^a-z0-9_-]+/g, "-");
  return text.replace(/^[^a-z0-9]+/, "").slice(0, LONGEST_NAME) || "pulumi";
}

function safe(name: string): string {
  return name.replace(/[^a-zA-Z0-9_.-]+/g, "-").replace(/^[^a-zA-Z0-9]+/, "") || "object";
}
