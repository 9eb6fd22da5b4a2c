// The messages of Terraform's plugin protocol 6.8 (tfplugin6.proto) and of go-plugin, as tables.
import { type Message, message } from "../../rpc/protobuf.ts";

export const Nothing = message({});
export const DynamicValue = message({ msgpack: [1, "bytes"], json: [2, "bytes"] });

const Step = message({
  attribute_name: [1, "string", "optional"],
  element_key_string: [2, "string", "optional"],
  element_key_int: [3, "int64", "optional"],
});
export const AttributePath = message({ steps: [1, [Step]] });
export const Diagnostic = message({
  severity: [1, "enum"],
  summary: [2, "string"],
  detail: [3, "string"],
  attribute: [4, AttributePath],
});
export const Severity = { error: 1, warning: 2 } as const;

const RawState = message({ json: [1, "bytes"] });
const ClientCapabilities = message({
  deferral_allowed: [1, "bool"],
  write_only_attributes_allowed: [2, "bool"],
});
const ServerCapabilities = message({
  plan_destroy: [1, "bool"],
  get_provider_schema_optional: [2, "bool"],
  move_resource_state: [3, "bool"],
});

export const Nesting = { single: 1, list: 2, set: 3, map: 4 } as const;
// An attribute may hold an object, whose attributes are attributes again.
const NestedObject: Message<{
  readonly attributes: readonly [1, readonly [typeof Attribute]];
  readonly nesting: readonly [3, "enum"];
}> = { fields: {} as never };
export const Attribute = message({
  name: [1, "string"],
  type: [2, "bytes"],
  description: [3, "string"],
  required: [4, "bool"],
  optional: [5, "bool"],
  computed: [6, "bool"],
  sensitive: [7, "bool"],
  description_kind: [8, "enum"],
  deprecated: [9, "bool"],
  nested_type: [10, () => NestedObject],
  write_only: [11, "bool"],
});
Object.assign(NestedObject.fields, { attributes: [1, [Attribute]], nesting: [3, "enum"] });

const Block = message({
  version: [1, "int64"],
  attributes: [2, [Attribute]],
  description: [4, "string"],
  description_kind: [5, "enum"],
  deprecated: [6, "bool"],
});
export const Schema = message({ version: [1, "int64"], block: [2, Block] });

const Parameter = message({
  name: [1, "string"],
  type: [2, "bytes"],
  allow_null_value: [3, "bool"],
  allow_unknown_values: [4, "bool"],
  description: [5, "string"],
  description_kind: [6, "enum"],
});
const FunctionSchema = message({
  parameters: [1, [Parameter]],
  variadic_parameter: [2, Parameter],
  return: [3, message({ type: [1, "bytes"] })],
  summary: [4, "string"],
  description: [5, "string"],
  description_kind: [6, "enum"],
});

const diagnostics = [Diagnostic] as const;
const named = message({ type_name: [1, "string"] });

export const Metadata = message({
  server_capabilities: [1, ServerCapabilities],
  diagnostics: [2, diagnostics],
  data_sources: [3, [named]],
  resources: [4, [named]],
  functions: [5, [message({ name: [1, "string"] })]],
  ephemeral_resources: [6, [named]],
});
export const ProviderSchema = message({
  provider: [1, Schema],
  resource_schemas: [2, { map: Schema }],
  data_source_schemas: [3, { map: Schema }],
  diagnostics: [4, diagnostics],
  provider_meta: [5, Schema],
  server_capabilities: [6, ServerCapabilities],
  functions: [7, { map: FunctionSchema }],
  ephemeral_resource_schemas: [8, { map: Schema }],
});

export const ValidateProviderRequest = message({ config: [1, DynamicValue] });
/** ValidateProviderConfig answers in field 2, every other validation in field 1. */
export const ValidateProviderResponse = message({ diagnostics: [2, diagnostics] });
/** Of a data source or an ephemeral resource. */
export const ValidateRequest = message({ type_name: [1, "string"], config: [2, DynamicValue] });
export const ValidateResourceRequest = message({
  type_name: [1, "string"],
  config: [2, DynamicValue],
  client_capabilities: [3, ClientCapabilities],
});
export const DiagnosticsResponse = message({ diagnostics: [1, diagnostics] });

export const ConfigureRequest = message({
  terraform_version: [1, "string"],
  config: [2, DynamicValue],
  client_capabilities: [3, ClientCapabilities],
});

export const UpgradeRequest = message({
  type_name: [1, "string"],
  version: [2, "int64"],
  raw_state: [3, RawState],
});
export const UpgradeResponse = message({
  upgraded_state: [1, DynamicValue],
  diagnostics: [2, diagnostics],
});

export const ReadRequest = message({
  type_name: [1, "string"],
  current_state: [2, DynamicValue],
  private: [3, "bytes"],
  provider_meta: [4, DynamicValue],
  client_capabilities: [5, ClientCapabilities],
});
export const ReadResponse = message({
  new_state: [1, DynamicValue],
  diagnostics: [2, diagnostics],
  private: [3, "bytes"],
});

export const PlanRequest = message({
  type_name: [1, "string"],
  prior_state: [2, DynamicValue],
  proposed_new_state: [3, DynamicValue],
  config: [4, DynamicValue],
  prior_private: [5, "bytes"],
  provider_meta: [6, DynamicValue],
  client_capabilities: [7, ClientCapabilities],
});
export const PlanResponse = message({
  planned_state: [1, DynamicValue],
  requires_replace: [2, [AttributePath]],
  planned_private: [3, "bytes"],
  diagnostics: [4, diagnostics],
});

export const ApplyRequest = message({
  type_name: [1, "string"],
  prior_state: [2, DynamicValue],
  planned_state: [3, DynamicValue],
  config: [4, DynamicValue],
  planned_private: [5, "bytes"],
  provider_meta: [6, DynamicValue],
});
export const ApplyResponse = message({
  new_state: [1, DynamicValue],
  private: [2, "bytes"],
  diagnostics: [3, diagnostics],
});

export const ImportRequest = message({ type_name: [1, "string"], id: [2, "string"] });
export const ImportResponse = message({
  imported_resources: [
    1,
    [message({ type_name: [1, "string"], state: [2, DynamicValue], private: [3, "bytes"] })],
  ],
  diagnostics: [2, diagnostics],
});

export const MoveRequest = message({
  source_provider_address: [1, "string"],
  source_type_name: [2, "string"],
  source_schema_version: [3, "int64"],
  source_state: [4, RawState],
  target_type_name: [5, "string"],
  source_private: [6, "bytes"],
});
export const MoveResponse = message({
  target_state: [1, DynamicValue],
  diagnostics: [2, diagnostics],
  target_private: [3, "bytes"],
});

export const OpenRequest = message({
  type_name: [1, "string"],
  config: [2, DynamicValue],
  client_capabilities: [3, ClientCapabilities],
});
export const ReadDataRequest = message({
  type_name: [1, "string"],
  config: [2, DynamicValue],
  provider_meta: [3, DynamicValue],
});
export const ReadDataResponse = message({
  state: [1, DynamicValue],
  diagnostics: [2, diagnostics],
});

const Timestamp = message({ seconds: [1, "int64"], nanos: [2, "int32"] });
export const OpenResponse = message({
  diagnostics: [1, diagnostics],
  renew_at: [2, Timestamp],
  result: [3, DynamicValue],
  private: [4, "bytes", "optional"],
});
export const PrivateRequest = message({
  type_name: [1, "string"],
  private: [2, "bytes", "optional"],
});
export const RenewResponse = message({
  diagnostics: [1, diagnostics],
  renew_at: [2, Timestamp],
  private: [3, "bytes", "optional"],
});

export const Functions = message({
  functions: [1, { map: FunctionSchema }],
  diagnostics: [2, diagnostics],
});
export const CallRequest = message({ name: [1, "string"], arguments: [2, [DynamicValue]] });
export const CallResponse = message({
  result: [1, DynamicValue],
  error: [2, message({ text: [1, "string"], function_argument: [2, "int64", "optional"] })],
});

export const StopResponse = message({ Error: [1, "string"] });
export const HealthRequest = message({ service: [1, "string"] });
export const HealthResponse = message({ status: [1, "enum"] });
