// The messages of Pulumi's provider protocol (pulumi/provider.proto and engine.proto of sdk 3.259),
// and google.protobuf.Struct in which values travel. Fields that are not used are left out.
import { type AnyMessage, message } from "../rpc/protobuf.ts";

export const Value = message({
  null: [1, "enum", "optional"],
  number: [2, "double", "optional"],
  string: [3, "string", "optional"],
  bool: [4, "bool", "optional"],
  struct: [5, (): AnyMessage => Struct],
  list: [6, (): AnyMessage => ListValue],
});
export const Struct = message({ fields: [1, { map: (): AnyMessage => Value }] });
export const ListValue = message({ values: [1, [(): AnyMessage => Value]] });

export const Empty = message({});

export const HandshakeRequest = message({ engineAddress: [1, "string"] });
export const HandshakeResponse = message({
  acceptSecrets: [1, "bool"],
  acceptResources: [2, "bool"],
  acceptOutputs: [3, "bool"],
  supportsAutonamingConfiguration: [4, "bool"],
});

export const AttachRequest = message({ address: [1, "string"] });
export const PluginInfo = message({ version: [1, "string"] });
export const GetSchemaRequest = message({ version: [1, "int32"] });
export const GetSchemaResponse = message({ schema: [1, "string"] });

export const ConfigureRequest = message({
  variables: [1, { map: "string" }],
  args: [2, Struct],
});
export const ConfigureResponse = message({
  acceptSecrets: [1, "bool"],
  supportsPreview: [2, "bool"],
  acceptResources: [3, "bool"],
  acceptOutputs: [4, "bool"],
  supportsAutonamingConfiguration: [5, "bool"],
});

const Autonaming = message({ proposedName: [1, "string"], mode: [2, "enum"] });
export const CheckRequest = message({
  urn: [1, "string"],
  olds: [2, Struct],
  news: [3, Struct],
  randomSeed: [5, "bytes"],
  name: [6, "string"],
  autonaming: [8, Autonaming],
});
export const CheckFailure = message({ property: [1, "string"], reason: [2, "string"] });
export const CheckResponse = message({ inputs: [1, Struct], failures: [2, [CheckFailure]] });

export const DiffRequest = message({
  id: [1, "string"],
  urn: [2, "string"],
  olds: [3, Struct],
  news: [4, Struct],
  ignoreChanges: [5, ["string"]],
  oldInputs: [6, Struct],
});
const PropertyDiff = message({ kind: [1, "enum"], inputDiff: [2, "bool"] });
export const DiffResponse = message({
  replaces: [1, ["string"]],
  stables: [2, ["string"]],
  deleteBeforeReplace: [3, "bool"],
  changes: [4, "enum"],
  diffs: [5, ["string"]],
  detailedDiff: [6, { map: PropertyDiff }],
  hasDetailedDiff: [7, "bool"],
});
export const Changes = { unknown: 0, none: 1, some: 2 } as const;
export const DiffKind = {
  add: 0,
  addReplace: 1,
  delete: 2,
  deleteReplace: 3,
  update: 4,
  updateReplace: 5,
} as const;

export const CreateRequest = message({
  urn: [1, "string"],
  properties: [2, Struct],
  timeout: [3, "double"],
  preview: [4, "bool"],
});
export const CreateResponse = message({ id: [1, "string"], properties: [2, Struct] });

export const ReadRequest = message({
  id: [1, "string"],
  urn: [2, "string"],
  properties: [3, Struct],
  inputs: [4, Struct],
  timeout: [10, "double"],
});
export const ReadResponse = message({
  id: [1, "string"],
  properties: [2, Struct],
  inputs: [3, Struct],
});

export const UpdateRequest = message({
  id: [1, "string"],
  urn: [2, "string"],
  olds: [3, Struct],
  news: [4, Struct],
  timeout: [5, "double"],
  ignoreChanges: [6, ["string"]],
  preview: [7, "bool"],
  oldInputs: [8, Struct],
});
export const UpdateResponse = message({ properties: [1, Struct] });

export const DeleteRequest = message({
  id: [1, "string"],
  urn: [2, "string"],
  properties: [3, Struct],
  timeout: [4, "double"],
  oldInputs: [5, Struct],
});

export const Timeouts = message({
  create: [1, "string"],
  update: [2, "string"],
  delete: [3, "string"],
});
export const Urns = message({ urns: [1, ["string"]] });
export const ConstructRequest = message({
  dryRun: [4, "bool"],
  monitorEndpoint: [6, "string"],
  type: [7, "string"],
  name: [8, "string"],
  parent: [9, "string"],
  inputs: [10, Struct],
  inputDependencies: [11, { map: Urns }],
  protect: [12, "bool", "optional"],
  providers: [13, { map: "string" }],
  dependencies: [15, ["string"]],
  customTimeouts: [19, Timeouts],
  deletedWith: [20, "string"],
  ignoreChanges: [22, ["string"]],
  replaceOnChanges: [23, ["string"]],
  retainOnDelete: [24, "bool", "optional"],
  // Aliases are handed on as they are.
  aliases: [29, ["bytes"]],
});
export const ConstructResponse = message({
  urn: [1, "string"],
  state: [2, Struct],
  stateDependencies: [3, { map: Urns }],
});

export const InvokeRequest = message({ tok: [1, "string"], args: [2, Struct] });
export const InvokeResponse = message({ return: [1, Struct], failures: [2, [CheckFailure]] });

export const GetMappingRequest = message({ key: [1, "string"] });
export const GetMappingResponse = message({ provider: [1, "string"], data: [2, "bytes"] });
export const GetMappingsResponse = message({ providers: [1, ["string"]] });

export const InitFailed = message({
  id: [1, "string"],
  properties: [2, Struct],
  reasons: [3, ["string"]],
  inputs: [4, Struct],
});
const PropertyError = message({ propertyPath: [1, "string"], reason: [2, "string"] });
export const InputPropertiesError = message({ errors: [1, [PropertyError]] });
const Any = message({ typeUrl: [1, "string"], value: [2, "bytes"] });
/** google.rpc.Status, in the trailer grpc-status-details-bin. */
export const RpcStatus = message({
  code: [1, "int32"],
  message: [2, "string"],
  details: [3, [Any]],
});

export const LogRequest = message({
  severity: [1, "enum"],
  message: [2, "string"],
  urn: [3, "string"],
  streamId: [4, "int32"],
  ephemeral: [5, "bool"],
});
export const Severity = { debug: 0, info: 1, warning: 2, error: 3 } as const;
