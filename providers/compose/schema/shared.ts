// Shapes that several parts of the model share.
import { type Node, type Path, stringOf } from "../document/node.ts";
import type { Problems } from "../document/problem.ts";
import { dict, forms, listOf, object, oneOrMany, pairs } from "./collections.ts";
import { fileMode, text, textOrNumber, whole } from "./scalars.ts";

const NAME = /^[a-zA-Z0-9._-]+$/;
/** Keys that name things people declare: services, networks, volumes… */
export const named = (name: string) => ({ form: NAME, name });

export const strings = listOf(text, { unique: true });
export const labels = pairs("");
export const environment = pairs(null);
/** Options passed on as they are: a map of strings. */
export const options = forms({ map: dict(textOrNumber, { nullable: true }) }, labels);

const fileReference = object(
  { source: text, target: text, uid: text, gid: text, mode: fileMode },
  { filled: ["source"] },
);
/** Configs or secrets that a container gets as files. */
export const fileReferences = listOf(forms({ scalar: text, map: fileReference }, fileReference));

const limit = whole({ keep: true });
const limitPair = object({ soft: limit, hard: limit }, { required: ["soft", "hard"] });
export const ulimits = dict(
  forms(
    { scalar: limit, map: limitPair },
    {
      ...limit,
      read: (node, path, problems) => {
        if (node.kind === "map") return limitPair.read(node, path, problems);
        const value = limit.read(node, path, problems);
        return value === 0 ? { soft: 0, hard: 0 } : value;
      },
    },
  ),
  { keys: { form: /^[a-z]+$/, name: "limit" } },
);

/** Host names and their addresses, as sorted `host=address` strings in the model. */
export const extraHosts = forms(
  { map: dict(forms({ scalar: text, list: listOf(text) }, oneOrMany(text))), list: strings },
  { ...strings, read: readHosts },
);

function readHosts(node: Node, path: Path, problems: Problems): string[] | undefined {
  const pairs: [string, string][] = [];
  if (node.kind === "map") {
    for (const [host, value] of node.entries) {
      const addresses = value.kind === "list" ? value.items : [value];
      for (const address of addresses) pairs.push([host, stringOf(address) ?? ""]);
    }
  } else if (node.kind === "list") {
    for (const [index, item] of node.items.entries()) {
      const line = stringOf(item) ?? "";
      const found = /^([^=]*)=([\s\S]*)$/.exec(line) ?? /^([^:]*):([\s\S]*)$/.exec(line);
      if (found === null) {
        problems.add(item, [...path, index], `no address for ${JSON.stringify(line)}`);
        continue;
      }
      for (const address of (found[2] ?? "").split(",")) pairs.push([found[1] ?? "", address]);
    }
  }
  for (const [host] of pairs) {
    if (host !== "" && !/[:=]/.test(host)) continue;
    problems.add(node, path, `${JSON.stringify(host)} is not a host name`);
  }
  if (pairs.length === 0) return undefined;
  return pairs.map(([host, address]) => `${host}=${address.replace(/^\[(.+)\]$/, "$1")}`).sort();
}
