// Every resource of the package with its properties: the declared fields, what Pulumi programs say
// differently (lists of networks, volumes in mounts), and what is only known afterwards.
import { KINDS, type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { shapeOf } from "../../../resources/kinds/shape.ts";
import { adapted } from "./adapted.ts";
import { type Property, type PropertyType, propertiesOf, property } from "./property.ts";

const RUNS = "Made, it runs and is well, or the deployment fails and says why.";
const KEPT = "Its data stays on the host when the resource is deleted.";

/** The kinds of what lives on a host, by name. */
export const OBJECT_KINDS = KINDS.map(({ kind }) => kind as Kind).sort();

export interface ResourceType {
  /** `Container`. */
  name: string;
  doc: string;
  inputs: Property[];
  /** What is only known afterwards, beside the inputs. */
  computed: Property[];
  /** An import id, for the docs; components have none. */
  importId?: string;
}

const text = { kind: "string" } as const;
const bool = { kind: "bool" } as const;
const computed = (name: string, doc: string, more: Partial<Property> = {}): Property =>
  property(name, doc, text, { rule: "computed", ...more });

export const connectionType: PropertyType = {
  kind: "object",
  name: "Connection",
  properties: propertiesOf(shapeOf("host"), "Connection").map((one) => {
    const { type } = one;
    return one.name === "proxy" && type.kind === "list"
      ? { ...one, type: { kind: "oneOrMore", of: type.of } }
      : one;
  }),
};

const host = property(
  "host",
  "A Host, its id, or an address: `local`, `ssh://[USER@]HOST[:PORT]`, `unix:///SOCKET`.",
  text,
  { required: true, rule: "replace", moves: true, resource: "Host" },
);
const connection = property(
  "connection",
  "How the host is reached. SDKs take it from the Host; elsewhere give the Host's `connection`.",
  connectionType,
  { rule: "connection", secret: true, default: "that of the Host in this run, or the address" },
);
const adopt = property("adopt", "Take over an object of this name that someone else made.", bool, {
  default: "false: it is an error",
});
const skipUnreachable = property(
  "deleteUnreachable",
  "Let a deletion succeed when the host cannot be reached; what is on the host stays there.",
  bool,
  { default: "the provider's, or false" },
);

export const HOST: ResourceType = {
  name: "Host",
  doc: "A Linux host, reached over SSH, on which fairlead's agent or another engine runs.",
  inputs: [
    { ...connection, required: true, doc: "How the host is reached.", default: undefined },
    property("acceptNewHostKey", "Take the key of a host that is not known yet.", bool, {
      default: "the provider's, or false",
    }),
    property("uninstall", "Remove the agent when the Host is deleted.", bool, {
      default: "false: it stays, and so does what runs there",
    }),
    skipUnreachable,
  ],
  computed: [
    computed("address", "Name or address of the host."),
    computed("engine", "`fairlead`, `docker` or `podman`."),
    computed("version", "Version of the engine."),
    computed("apiVersion", "Version of the Docker Engine API that it speaks."),
  ],
  importId: "ssh://root@203.0.113.10",
};

export const OBJECTS = Object.fromEntries(
  OBJECT_KINDS.map((kind) => [kind, objectType(kind)]),
) as Record<Kind, ResourceType>;

/** The provider's own settings. */
export const SETTINGS: Property[] = [
  ...sharedConnection(),
  property("acceptNewHostKey", "Take keys of hosts that are not known yet.", bool, {
    default: "false",
  }),
  property("deleteUnreachable", "Let deletions succeed on hosts that cannot be reached.", bool, {
    default: "false",
  }),
  property(
    "hosts",
    "Connections by host id, for import and for ids of Hosts in other stacks.",
    { kind: "map", of: connectionType },
    { secret: true },
  ),
];

/** The property of a resource, by name. */
export function inputOf(type: ResourceType, name: string): Property | undefined {
  return type.inputs.find((one) => one.name === name);
}

function objectType(kind: Kind): ResourceType {
  const { title, doc, facts, example, replaces, runs, holdsData, localFiles } = kindOf(kind);
  const shown = facts.flatMap(({ name, doc: says, type }) => {
    if (type === "port") return [];
    const map = { type: { kind: "map", of: text } as const };
    return [computed(name, says, type === "textMap" ? map : {})];
  });
  const anew = `How the last change made the ${kind} anew in its place, and why; empty else.`;
  const digest = `Digest of the ${localFiles} given by \`source\`; empty without any.`;
  const url = "`http://HOST:PORT` of its first published TCP port; empty without one.";
  return {
    name: title,
    doc: [doc, ...(runs ? [RUNS] : []), ...(holdsData ? [KEPT] : [])].join(" "),
    inputs: objectInputs(kind),
    computed: [
      ...shown,
      ...(localFiles === undefined ? [] : [computed("filesDigest", digest)]),
      ...(portOf(kind) === undefined ? [] : [computed("url", url)]),
      ...(replaces ? [computed("replacement", anew)] : []),
    ],
    importId: `web-1/${example}`,
  };
}

/** The fact that is the port under which one is reached; undefined for kinds without. */
export function portOf(kind: Kind): string | undefined {
  return kindOf(kind).facts.find(({ type }) => type === "port")?.name;
}

function objectInputs(kind: Kind): Property[] {
  const { title, owned, holdsData } = kindOf(kind);
  const declared = propertiesOf(shapeOf(kind), title).map((one) => adapted(kind, one));
  const anew = `A change makes the ${kind} anew in its place.`;
  const named = declared.map((one) => {
    if (one.name === "name") return nameOf(kind, one);
    return one.rule === "replace" ? { ...one, doc: `${one.doc} ${anew}` } : one;
  });
  const data = property(
    "removeData",
    `Remove the ${kind} with its data when the resource is deleted or replaced.`,
    bool,
    { default: `false: the ${kind} stays on the host` },
  );
  const own = [...(owned ? [adopt] : []), ...(holdsData ? [data] : [])];
  return [host, connection, ...named, ...own, skipUnreachable];
}

// An id holds the name, so another name is another object for Pulumi.
function nameOf(kind: Kind, one: Property): Property {
  const { owned, holdsData } = kindOf(kind);
  const moving = { ...one, rule: "replace", moves: true } as const;
  if (!owned) return moving;
  const generated = "the resource's name and random characters";
  return { ...moving, default: holdsData ? "project, stack and the resource's name" : generated };
}

function sharedConnection(): Property[] {
  const shared = shapeOf("host").filter((one) => one.shared);
  return propertiesOf(shared, "").map((one) => {
    return { ...one, doc: `${one.doc} For hosts that do not say their own.` };
  });
}
