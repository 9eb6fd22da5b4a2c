// The provider's service: Terraform's requests to resource types, data sources and functions, and
// their answers back. Knows messages and values; no resource.

import { Observer } from "../engine/single/observer.ts";
import { GrpcError, GrpcStatus, type Methods, method } from "../rpc/grpc.ts";
import { type AnyMessage, encode, type Of, type Partially } from "../rpc/protobuf.ts";
import { DATA_SOURCES, EPHEMERALS, RESOURCES } from "./catalog.ts";
import { closeTunnels } from "./data/tunnel.ts";
import * as wire from "./protocol/messages.ts";
import { fromMsgpack, toMsgpack, type Value } from "./protocol/value.ts";
import { providerSchema } from "./provider-schema.ts";
import type { Remembered, ResourceType, Session } from "./resource/type.ts";
import { diagnosticsOf, problem } from "./schema/diagnostic.ts";
import { FUNCTIONS } from "./schema/functions.ts";
import { fitted, type TerraformObject } from "./schema/translate.ts";
import { Connections } from "./session/connections.ts";
import { projectProblem, settingsOf } from "./session/settings.ts";

const stop = new AbortController();
let session = sessionOf({});

/** Ends what this process has opened. */
export async function closeService(): Promise<void> {
  await closeTunnels();
  await session.connections.close();
}

/** The answer to GetProviderSchema as the build writes it down. */
export function schemaBytes(): Uint8Array {
  return encode(wire.ProviderSchema, providerSchema());
}

export const methods: Methods = prefixed({
  GetMetadata: method(wire.Nothing, wire.Metadata, async () => ({
    server_capabilities: providerSchema().server_capabilities,
    resources: RESOURCES.map(({ name }) => ({ type_name: name })),
    data_sources: DATA_SOURCES.map(({ name }) => ({ type_name: name })),
    ephemeral_resources: EPHEMERALS.map(({ name }) => ({ type_name: name })),
    functions: Object.keys(FUNCTIONS).map((name) => ({ name })),
  })),
  GetProviderSchema: method(wire.Nothing, wire.ProviderSchema, async () => providerSchema()),
  ValidateProviderConfig: answering(
    wire.ValidateProviderRequest,
    wire.ValidateProviderResponse,
    async ({ config }) => {
      const wrong = projectProblem(object(config));
      return { diagnostics: wrong ? [problem(`project: ${wrong}`, "", "project")] : [] };
    },
  ),
  ConfigureProvider: answering(
    wire.ConfigureRequest,
    wire.DiagnosticsResponse,
    async ({ config }) => {
      session = sessionOf(object(config));
      return {};
    },
  ),
  ValidateResourceConfig: answering(
    wire.ValidateResourceRequest,
    wire.DiagnosticsResponse,
    async ({ type_name, config, client_capabilities: client }) => {
      const type = resource(type_name);
      const given = object(config);
      const hidden = type.attributes.filter((one) => one.writeOnly && given[one.name] != null);
      const refused = client?.write_only_attributes_allowed ? [] : hidden;
      const old = refused.map(({ name }) =>
        problem(`${name} needs Terraform 1.11 or newer`, "", name),
      );
      return { diagnostics: [...old, ...(await type.validate(given))] };
    },
  ),
  ValidateDataResourceConfig: answering(
    wire.ValidateRequest,
    wire.DiagnosticsResponse,
    async ({ type_name, config }) => ({
      diagnostics: find(DATA_SOURCES, type_name).validate?.(object(config)) ?? [],
    }),
  ),
  UpgradeResourceState: answering(
    wire.UpgradeRequest,
    wire.UpgradeResponse,
    async ({ type_name, raw_state }) => {
      const state: unknown = JSON.parse(Buffer.from(raw_state?.json ?? []).toString("utf8"));
      return { upgraded_state: dynamic(fitted(resource(type_name).attributes, state)) };
    },
  ),
  ReadResource: answering(
    wire.ReadRequest,
    wire.ReadResponse,
    async ({ type_name, current_state, private: kept }) => {
      const answer = await resource(type_name).read(object(current_state), recall(kept), session);
      return {
        ...answered(answer.state, "new_state", answer),
        private: remember(answer.remembered),
      };
    },
    ({ current_state, private: kept }) => ({ new_state: current_state, private: kept }),
  ),
  PlanResourceChange: answering(
    wire.PlanRequest,
    wire.PlanResponse,
    async ({ type_name, prior_state, proposed_new_state, config, prior_private }) => {
      const remembered = recall(prior_private);
      const answer = await resource(type_name).plan(
        {
          prior: objectOrNull(prior_state),
          proposed: objectOrNull(proposed_new_state),
          config: objectOrNull(config),
          remembered,
        },
        session,
      );
      return {
        ...answered(answer.state, "planned_state", answer),
        requires_replace: answer.replace?.map((name) => ({ steps: [{ attribute_name: name }] })),
        planned_private: remember(answer.remembered ?? remembered),
      };
    },
    ({ prior_state, prior_private }) => ({
      planned_state: prior_state,
      planned_private: prior_private,
    }),
  ),
  ApplyResourceChange: answering(
    wire.ApplyRequest,
    wire.ApplyResponse,
    async ({ type_name, prior_state, planned_state, config, planned_private }) => {
      const remembered = recall(planned_private);
      const answer = await resource(type_name).apply(
        {
          prior: objectOrNull(prior_state),
          planned: objectOrNull(planned_state),
          config: objectOrNull(config),
          remembered,
        },
        session,
      );
      return {
        ...answered(answer.state, "new_state", answer),
        private: remember(answer.remembered ?? remembered),
      };
    },
    ({ prior_state, planned_private }) => ({ new_state: prior_state, private: planned_private }),
  ),
  ImportResourceState: answering(
    wire.ImportRequest,
    wire.ImportResponse,
    async ({ type_name, id }) => {
      const answer = await resource(type_name).import(id, session);
      const { state, remembered, diagnostics } = answer;
      const one = { type_name, state: dynamic(state), private: remember(remembered) };
      return { imported_resources: [one], diagnostics };
    },
  ),
  MoveResourceState: answering(
    wire.MoveRequest,
    wire.MoveResponse,
    async ({ source_provider_address, source_type_name, source_state, source_private, ...to }) => {
      const ours = /\/fairlead$/.test(source_provider_address);
      if (!ours || source_type_name !== to.target_type_name) {
        const from = `${source_type_name} of ${source_provider_address}`;
        const hint = "Remove it from the state there (a removed block), and import it here.";
        return { diagnostics: [problem(`${from} cannot become ${to.target_type_name}`, hint)] };
      }
      const state: unknown = JSON.parse(Buffer.from(source_state?.json ?? []).toString("utf8"));
      const { attributes } = resource(to.target_type_name);
      return {
        target_state: dynamic(fitted(attributes, state)),
        target_private: source_private,
      };
    },
  ),
  ReadDataSource: answering(
    wire.ReadDataRequest,
    wire.ReadDataResponse,
    async ({ type_name, config }) => {
      return { state: dynamic(await find(DATA_SOURCES, type_name).read(object(config), session)) };
    },
  ),
  ValidateEphemeralResourceConfig: answering(
    wire.ValidateRequest,
    wire.DiagnosticsResponse,
    async ({ type_name }) => {
      find(EPHEMERALS, type_name);
      return {};
    },
  ),
  OpenEphemeralResource: answering(
    wire.OpenRequest,
    wire.OpenResponse,
    async ({ type_name, config }) => {
      const { result, key } = await find(EPHEMERALS, type_name).open(object(config), session);
      return { result: dynamic(result), private: Buffer.from(key) };
    },
  ),
  RenewEphemeralResource: answering(
    wire.PrivateRequest,
    wire.RenewResponse,
    async ({ private: key }) => ({ private: key }),
  ),
  CloseEphemeralResource: answering(
    wire.PrivateRequest,
    wire.DiagnosticsResponse,
    async ({ type_name, private: key }) => {
      await find(EPHEMERALS, type_name).close(Buffer.from(key ?? []).toString());
      return {};
    },
  ),
  GetFunctions: method(wire.Nothing, wire.Functions, async () => ({
    functions: providerSchema().functions,
  })),
  CallFunction: method(wire.CallRequest, wire.CallResponse, async ({ name, arguments: given }) => {
    try {
      const values = given.map(({ msgpack }) => fromMsgpack(msgpack));
      return { result: dynamic(FUNCTIONS[name]!.call(...values)) };
    } catch (error) {
      return { error: { text: (error as Error).message, function_argument: 0 } };
    }
  }),
  StopProvider: method(wire.Nothing, wire.StopResponse, async () => {
    stop.abort();
    return {};
  }),
});

function sessionOf(config: TerraformObject): Session {
  const settings = settingsOf(config);
  return {
    settings,
    connections: new Connections(settings),
    observer: new Observer(),
    ...{ unreachable: new Map(), reported: new Set(), moving: new Map(), taken: new Set() },
    stop: stop.signal,
  };
}

function prefixed(table: Methods): Methods {
  const entries = Object.entries(table);
  return Object.fromEntries(entries.map(([name, one]) => [`/tfplugin6.Provider/${name}`, one]));
}

/** A method whose errors become diagnostics, beside what must be answered all the same. */
function answering<Q extends AnyMessage, A extends AnyMessage>(
  request: Q,
  response: A,
  handle: (request: Of<Q>) => Promise<object>,
  otherwise: (request: Of<Q>) => object = () => ({}),
) {
  return method(request, response, async (given) => {
    try {
      return (await handle(given)) as Partially<Of<A>>;
    } catch (error) {
      if (error instanceof GrpcError) throw error;
      return { ...otherwise(given), diagnostics: diagnosticsOf(error) } as unknown as Partially<
        Of<A>
      >;
    }
  });
}

function resource(name: string): ResourceType {
  return find(RESOURCES, name);
}

function find<T extends { name: string }>(all: readonly T[], name: string): T {
  const found = all.find((one) => one.name === name);
  if (found) return found;
  throw new GrpcError(GrpcStatus.notFound, `this provider has no ${name}`);
}

type Dynamic = Of<typeof wire.DynamicValue> | undefined;

function objectOrNull(value: Dynamic): TerraformObject | null {
  return fromMsgpack(value?.msgpack) as TerraformObject | null;
}

function object(value: Dynamic): TerraformObject {
  return objectOrNull(value) ?? {};
}

function dynamic(value: Value) {
  return { msgpack: toMsgpack(value) };
}

function answered(
  state: TerraformObject | null,
  field: string,
  { diagnostics }: { diagnostics: unknown[] },
) {
  return { [field]: dynamic(state), diagnostics };
}

function recall(bytes: Uint8Array): Remembered {
  return bytes.length === 0 ? {} : (JSON.parse(Buffer.from(bytes).toString("utf8")) as Remembered);
}

function remember(remembered: Remembered | undefined): Uint8Array {
  return Buffer.from(JSON.stringify(remembered ?? {}));
}
