// From attributes to the schema message that Terraform gets, and to cty types.
import type { Of, Partially } from "../../rpc/protobuf.ts";
import { type Attribute as AttributeMessage, Nesting, type Schema } from "../protocol/messages.ts";
import type { Attribute, AttributeType } from "./attribute.ts";

type WireAttribute = Partially<Of<typeof AttributeMessage>>;
const MARKDOWN = 1;

/** The message for a resource, data source, ephemeral resource or the provider. */
export function wireSchema(
  attributes: readonly Attribute[],
  doc: string,
  version = 0,
): Partially<Of<typeof Schema>> {
  const block = { description: doc, description_kind: MARKDOWN };
  return { version, block: { ...block, attributes: attributes.map(wireAttribute) } };
}

/** The JSON of a cty type: `"string"`, `["map","string"]`, `["object",{…}]`. */
function ctyType(type: AttributeType): unknown {
  switch (type.kind) {
    case "list":
    case "map":
      return [type.kind, ctyType(type.of)];
    case "object": {
      const members = type.attributes.map((one) => [one.name, ctyType(one.type)]);
      return ["object", Object.fromEntries(members)];
    }
    default:
      return type.kind;
  }
}

/** The bytes of a type, as messages carry it. */
export function ctyBytes(type: AttributeType): Uint8Array {
  return Buffer.from(JSON.stringify(ctyType(type)));
}

function wireAttribute(one: Attribute): WireAttribute {
  const nested = nesting(one.type);
  return {
    name: one.name,
    description: one.doc + (one.default === undefined ? "" : ` Default: ${one.default}.`),
    description_kind: MARKDOWN,
    required: one.mode === "required",
    optional: one.mode === "optional" || one.mode === "defaulted",
    computed: one.mode === "computed" || one.mode === "defaulted",
    sensitive: one.sensitive === true,
    write_only: one.writeOnly === true,
    ...(nested
      ? { nested_type: { nesting: nested.nesting, attributes: nested.of.map(wireAttribute) } }
      : { type: ctyBytes(one.type) }),
  };
}

function nesting(type: AttributeType) {
  if (type.kind === "object") return { nesting: Nesting.single, of: type.attributes };
  if ((type.kind === "list" || type.kind === "map") && type.of.kind === "object") {
    return { nesting: Nesting[type.kind], of: type.of.attributes };
  }
  return undefined;
}
