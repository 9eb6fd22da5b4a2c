// A stand-in for hashicorp/null, which no test may download: null_resource with triggers, on this
// project's own plugin code. Only tests have it.
import { randomBytes } from "node:crypto";
import { type Methods, method } from "../../../providers/rpc/grpc.ts";
import { runPlugin } from "../../../providers/terraform/plugin.ts";
import * as wire from "../../../providers/terraform/protocol/messages.ts";
import {
  fromMsgpack,
  toMsgpack,
  UNKNOWN,
  type Value,
} from "../../../providers/terraform/protocol/value.ts";

type Resource = { id: Value; triggers: Value };

const attribute = (name: string, type: unknown, more: object) => ({
  ...{ name, type: Buffer.from(JSON.stringify(type)) },
  ...more,
});
const schema = {
  block: {
    attributes: [
      attribute("id", "string", { computed: true }),
      attribute("triggers", ["map", "string"], { optional: true }),
    ],
  },
};
const read = (value: { msgpack: Uint8Array } | undefined) =>
  fromMsgpack(value?.msgpack) as Resource | null;
const written = (value: unknown) => ({ msgpack: toMsgpack(value as Value) });

const service: Methods = {
  GetProviderSchema: method(wire.Nothing, wire.ProviderSchema, async () => ({
    ...{ provider: { block: {} }, resource_schemas: { null_resource: schema } },
    server_capabilities: { get_provider_schema_optional: true },
  })),
  ValidateProviderConfig: method(
    wire.ValidateProviderRequest,
    wire.ValidateProviderResponse,
    async () => ({}),
  ),
  ConfigureProvider: method(wire.ConfigureRequest, wire.DiagnosticsResponse, async () => ({})),
  ValidateResourceConfig: method(wire.ValidateRequest, wire.DiagnosticsResponse, async () => ({})),
  UpgradeResourceState: method(
    wire.UpgradeRequest,
    wire.UpgradeResponse,
    async ({ raw_state }) => ({
      upgraded_state: written(JSON.parse(Buffer.from(raw_state!.json).toString())),
    }),
  ),
  ReadResource: method(wire.ReadRequest, wire.ReadResponse, async ({ current_state }) => ({
    new_state: current_state,
  })),
  PlanResourceChange: method(wire.PlanRequest, wire.PlanResponse, async (request) => {
    const [prior, proposed] = [read(request.prior_state), read(request.proposed_new_state)];
    if (!proposed || prior) {
      const steps = [{ attribute_name: "triggers" }];
      return { planned_state: written(proposed), requires_replace: [{ steps }] };
    }
    return { planned_state: written({ ...proposed, id: UNKNOWN }) };
  }),
  ApplyResourceChange: method(wire.ApplyRequest, wire.ApplyResponse, async ({ planned_state }) => {
    const planned = read(planned_state);
    const id = randomBytes(4).toString("hex");
    return {
      new_state: written(planned && { ...planned, id: planned.id === UNKNOWN ? id : planned.id }),
    };
  }),
  StopProvider: method(wire.Nothing, wire.StopResponse, async () => ({})),
};

void runPlugin(
  Object.fromEntries(
    Object.entries(service).map(([name, one]) => [`/tfplugin6.Provider/${name}`, one]),
  ),
);
