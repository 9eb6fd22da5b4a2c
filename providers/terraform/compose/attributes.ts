// What a fairlead_compose_stack is declared with, and what it shows of itself.
import { timeoutsAttribute } from "../resource/timeouts.ts";
import { type Attribute, computed } from "../schema/attribute.ts";

const text = { kind: "string" } as const;
const texts = { kind: "list", of: text } as const;
const textMap = { kind: "map", of: text } as const;
const optional = { mode: "optional", rule: "update" } as const;
const steering = { mode: "optional", rule: "policy", type: { kind: "bool" } } as const;

const sources: Attribute[] = [
  {
    ...{ name: "files", type: texts, ...optional },
    doc: "Compose files, in the order in which they override each other.",
  },
  {
    ...{ name: "content", type: text, ...optional },
    doc: "A Compose file as text, in place of `files`: YAML, or JSON such as `jsonencode` gives.",
  },
  {
    ...{ name: "directory", type: text, ...optional },
    doc: "What relative paths in the files are joined to.",
    default: "the folder of the first file",
  },
  {
    ...{ name: "environment", type: textMap, ...optional },
    doc: "Variables for the files; those of the shell are not used.",
  },
  {
    ...{ name: "environment_wo", type: textMap, ...optional, sensitive: true, writeOnly: true },
    doc: "Further variables, kept in no plan and no state. Needs Terraform 1.11.",
  },
  {
    ...{ name: "environment_wo_version", type: text, ...optional },
    doc: "Change it together with `environment_wo`.",
  },
  {
    ...{ name: "env_files", type: texts, ...optional },
    doc: "Files of variables.",
    default: "`.env` in the directory",
  },
  { ...{ name: "profiles", type: texts, ...optional }, doc: "Profiles whose services count." },
];

const shown: Attribute[] = [
  computed("name", "Name on the host."),
  computed("container_id", "Id on the host."),
  computed("image_id", "Id of its image."),
  computed("status", "`running`, `completed`, or what the engine says of it."),
  computed("addresses", "Its IP addresses by network.", { type: textMap }),
];

export const stackAttributes: Attribute[] = [
  computed("id", "`HOSTS/NAME`, as it is imported."),
  {
    ...{ name: "name", type: text, mode: "defaulted", rule: "replace" },
    doc: "Name of the project, which marks what belongs to it. One that no one else uses there.",
    default: "`name` in the file, or the name of the directory",
  },
  {
    ...{ name: "host", type: text, ...optional },
    doc: "Where everything runs: id of a `fairlead_host`, or an address.",
  },
  {
    ...{ name: "hosts", type: textMap, ...optional },
    doc: "Hosts by the names that the file says in `x-fairlead`, each an id or an address.",
  },
  ...sources,
  {
    ...{ name: "adopt", ...steering, default: "false: it is an error" },
    doc: "Take over what there is of this project already.",
  },
  {
    ...{ name: "remove_orphans", ...steering, default: "true" },
    doc: "Remove containers and networks that the files no longer declare.",
  },
  {
    ...{ name: "remove_volumes", ...steering, default: "false: the data stays" },
    doc: "Destroying this removes its volumes too, with their data.",
  },
  computed("objects", "What the files declare, by `HOST/KIND/NAME` and field.", {
    type: { kind: "map", of: textMap },
  }),
  computed("containers", "The containers by `HOST/NAME`; `NAME` where there is one `host`.", {
    type: { kind: "map", of: { kind: "object", attributes: shown } },
  }),
  timeoutsAttribute,
];

/** What decides what is declared; while one of them is unknown, so is that. */
export const DECLARING: readonly string[] = sources.map(({ name }) => name);
