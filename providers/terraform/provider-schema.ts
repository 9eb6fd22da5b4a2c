// The whole schema of the provider as one message.
import type { Of, Partially } from "../rpc/protobuf.ts";
import { DATA_SOURCES, EPHEMERALS, RESOURCES } from "./catalog.ts";
import type { ProviderSchema } from "./protocol/messages.ts";
import type { Attribute } from "./schema/attribute.ts";
import { FUNCTIONS, type ProviderFunction } from "./schema/functions.ts";
import { ctyBytes, wireSchema } from "./schema/wire.ts";
import { providerAttributes } from "./session/settings.ts";

type Message = Partially<Of<typeof ProviderSchema>>;
const MARKDOWN = 1;

/** The answer to GetProviderSchema. */
export function providerSchema(): Message {
  return {
    provider: wireSchema(providerAttributes, "Containers on Linux hosts over SSH."),
    resource_schemas: schemas(RESOURCES),
    data_source_schemas: schemas(DATA_SOURCES),
    ephemeral_resource_schemas: schemas(EPHEMERALS),
    functions: Object.fromEntries(
      Object.entries(FUNCTIONS).map(([name, one]) => [name, functionMessage(one)]),
    ),
    server_capabilities: {
      plan_destroy: true,
      get_provider_schema_optional: true,
      move_resource_state: true,
    },
  };
}

function schemas(all: readonly { name: string; doc: string; attributes: Attribute[] }[]) {
  return Object.fromEntries(
    all.map(({ name, doc, attributes }) => [name, wireSchema(attributes, doc)]),
  );
}

function functionMessage({ summary, doc, parameters, returns }: ProviderFunction) {
  return {
    parameters: parameters.map((one) => ({
      ...{ name: one.name, type: ctyBytes(one.type) },
      ...{ description: one.doc, description_kind: MARKDOWN },
    })),
    return: { type: ctyBytes(returns) },
    ...{ summary, description: doc, description_kind: MARKDOWN },
  };
}
