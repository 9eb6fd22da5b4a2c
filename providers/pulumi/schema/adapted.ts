// What Pulumi programs say differently than the declaration of a kind: properties that take another
// resource, or a list where the declaration has a map; and their values there and back. A kind
// without an entry here is said as it is declared.
import type { Kind } from "../../../resources/kinds/registry.ts";
import { isObject } from "../value.ts";
import { type Property, type PropertyType, property } from "./property.ts";

interface Form {
  /** The property as programs have it. */
  property(declared: Property): Property;
  /** The declared value for what a program says. */
  field?(said: unknown): unknown;
  /** What a program says for a declared value. */
  said?(field: unknown): unknown;
}

const text = { kind: "string" } as const;

const FORMS: { [K in Kind]?: Record<string, Form> } = {
  container: {
    image: {
      property: (one) => ({ ...one, doc: "An Image, or a reference.", resource: "Image" }),
    },
    ports: {
      property: (one) => {
        const doc = `${one.doc} As text: \`8080:80\`.`;
        return { ...one, doc, type: textOrObjects(one) };
      },
    },
    networks: {
      property: (one) => ({
        ...{ ...one, doc: "Networks it joins, with aliases and addresses.", type: joined(one) },
      }),
      field: networksByName,
      said: networksListed,
    },
    mounts: {
      property: (one) => ({ ...one, type: withVolume(one) }),
      field: mountsWithSource,
    },
  },
};

/** A declared property as programs have it. */
export function adapted(kind: Kind, declared: Property): Property {
  return FORMS[kind]?.[declared.name]?.property(declared) ?? declared;
}

/** The declared value of a property for what a program says. */
export function asDeclared(kind: Kind, name: string, said: unknown): unknown {
  const form = FORMS[kind]?.[name];
  return form?.field ? form.field(said) : said;
}

/** What a program says of a property for a declared value. */
export function asSaid(kind: Kind, name: string, field: unknown): unknown {
  const form = FORMS[kind]?.[name];
  return form?.said ? form.said(field) : field;
}

function textOrObjects({ type }: Property): PropertyType {
  if (type.kind !== "list" || type.of.kind !== "object") return type;
  return { kind: "list", of: { ...type.of, kind: "textOrObject" } };
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

function networksByName(said: unknown): unknown {
  if (!Array.isArray(said)) return said;
  const named = said.map((one) => {
    const { network, ...rest } = isObject(one) ? one : { network: one };
    return [String(network), rest];
  });
  return Object.fromEntries(named);
}

function networksListed(field: unknown): unknown {
  if (!isObject(field)) return field;
  return Object.entries(field).map(([network, one]) => {
    return { network, ...(isObject(one) ? one : {}) };
  });
}

function mountsWithSource(said: unknown): unknown {
  if (!Array.isArray(said)) return said;
  return said.map((one) => {
    if (!isObject(one) || one.volume === undefined) return one;
    const { volume, ...rest } = one;
    return { ...rest, type: "volume", source: volume };
  });
}
