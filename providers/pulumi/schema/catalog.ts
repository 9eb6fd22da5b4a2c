// Every resource of the package with its properties: the declared fields, what Pulumi programs say
// differently (lists of networks, volumes in mounts), and what is only known afterwards.
import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { shapeOf } from "../../../resources/kinds/shape.ts";
import { type Property, type PropertyType, propertiesOf, property } from "./property.ts";

export const KINDS = ["container", "image", "network", "volume"] as const satisfies Kind[];
export type ObjectKind = (typeof KINDS)[number];

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

const DEFAULT_NAME: Record<string, string> = {
  container: "the resource's name and random characters",
  network: "the resource's name and random characters",
  volume: "project, stack and the resource's name",
};

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

/** What Pulumi says otherwise, or beside what the kind says of itself. */
const OWN: Partial<Record<ObjectKind, { doc: string; computed?: Property[] }>> = {
  container: {
    doc: "A container on a host. Made, it runs and is well, or the deployment fails and says why.",
    computed: [
      computed("filesDigest", "Digest of the files given by `source`; empty without any."),
      computed("url", "`http://HOST:PORT` of its first published TCP port; empty without one."),
    ],
  },
  volume: {
    doc: "A volume on a host. Its data stays on the host when the resource is deleted.",
  },
};

export const OBJECTS = Object.fromEntries(KINDS.map((kind) => [kind, objectType(kind)])) as Record<
  ObjectKind,
  ResourceType
>;

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

function objectType(kind: ObjectKind): ResourceType {
  const { title, doc, facts, example, replaces } = kindOf(kind);
  const shown = facts.flatMap(({ name, doc: says, type }) => {
    if (type === "number") return [];
    const map = { type: { kind: "map", of: text } as const };
    return [computed(name, says, type === "textMap" ? map : {})];
  });
  const anew = `How the last change made the ${kind} anew in its place, and why; empty else.`;
  return {
    name: title,
    doc: OWN[kind]?.doc ?? doc,
    inputs: objectInputs(kind),
    computed: [
      ...shown,
      ...(OWN[kind]?.computed ?? []),
      ...(replaces ? [computed("replacement", anew)] : []),
    ],
    importId: `web-1/${example}`,
  };
}

function objectInputs(kind: ObjectKind): Property[] {
  const declared = propertiesOf(shapeOf(kind), kindOf(kind).title).map(adapted);
  const anew = `A change makes the ${kind} anew in its place.`;
  const named = declared.map((one) => {
    if (one.name === "name") return nameOf(kind, one);
    return one.rule === "replace" ? { ...one, doc: `${one.doc} ${anew}` } : one;
  });
  const more = kind === "image" ? [] : [adopt];
  const data = property(
    "removeData",
    "Remove the volume with its data when the resource is deleted or replaced.",
    bool,
    { default: "false: the volume stays on the host" },
  );
  const own = kind === "volume" ? [data] : [];
  return [host, connection, ...named, ...more, ...own, skipUnreachable];
}

// An id holds the name, so another name is another object for Pulumi.
function nameOf(kind: ObjectKind, one: Property): Property {
  const moving = { ...one, rule: "replace", moves: true } as const;
  return kind === "image" ? moving : { ...moving, default: DEFAULT_NAME[kind] };
}

function adapted(one: Property): Property {
  switch (one.name) {
    case "image":
      return { ...one, doc: "An Image, or a reference.", resource: "Image" };
    case "ports":
      return { ...one, doc: `${one.doc} As text: \`8080:80\`.`, type: listOf(one, "textOrObject") };
    case "networks":
      return { ...one, doc: "Networks it joins, with aliases and addresses.", type: joined(one) };
    case "mounts":
      return { ...one, type: withVolume(one) };
    default:
      return one;
  }
}

function listOf(one: Property, kind: "textOrObject"): PropertyType {
  const { type } = one;
  if (type.kind !== "list" || type.of.kind !== "object") return type;
  return { kind: "list", of: { ...type.of, kind } };
}

function joined(one: Property): PropertyType {
  if (one.type.kind !== "map" || one.type.of.kind !== "object") return one.type;
  const network = property("network", "A Network, or the name of one on the host.", text, {
    required: true,
    resource: "Network",
  });
  const { name, properties } = one.type.of;
  return { kind: "list", of: { kind: "object", name, properties: [network, ...properties] } };
}

function withVolume(one: Property): PropertyType {
  if (one.type.kind !== "list" || one.type.of.kind !== "object") return one.type;
  const { name, properties } = one.type.of;
  const volume = property("volume", "A Volume, in place of type and source.", text, {
    resource: "Volume",
  });
  const own = properties.map((inner) =>
    inner.name === "type" ? { ...inner, required: false, default: "volume, with a volume" } : inner,
  );
  return { kind: "list", of: { kind: "object", name, properties: [volume, ...own] } };
}

function sharedConnection(): Property[] {
  const names = ["user", "privateKey", "privateKeyPassword", "password", "becomePassword"];
  const shared = new Set([...names, "agentSocketPath", "knownHosts"]);
  return propertiesOf(
    shapeOf("host").filter(({ name }) => shared.has(name)),
    "",
  ).map((one) => ({ ...one, doc: `${one.doc} For hosts that do not say their own.` }));
}
