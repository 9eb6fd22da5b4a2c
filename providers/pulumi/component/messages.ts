// What a component says to the engine's resource monitor (pulumi/resource.proto of sdk 3.259).
import { message } from "../../rpc/protobuf.ts";
import { Struct, Timeouts, Urns } from "../messages.ts";

export const RegisterRequest = message({
  type: [1, "string"],
  name: [2, "string"],
  parent: [3, "string"],
  custom: [4, "bool"],
  object: [5, Struct],
  protect: [6, "bool", "optional"],
  dependencies: [7, ["string"]],
  provider: [8, "string"],
  propertyDependencies: [9, { map: Urns }],
  deleteBeforeReplace: [10, "bool"],
  version: [11, "string"],
  ignoreChanges: [12, ["string"]],
  acceptSecrets: [13, "bool"],
  additionalSecretOutputs: [14, ["string"]],
  importId: [16, "string"],
  customTimeouts: [17, Timeouts],
  deleteBeforeReplaceDefined: [18, "bool"],
  supportsPartialValues: [19, "bool"],
  remote: [20, "bool"],
  acceptResources: [21, "bool"],
  providers: [22, { map: "string" }],
  replaceOnChanges: [23, ["string"]],
  retainOnDelete: [25, "bool", "optional"],
  aliases: [26, ["bytes"]],
  deletedWith: [27, "string"],
  aliasSpecs: [28, "bool"],
});
export const RegisterResponse = message({
  urn: [1, "string"],
  id: [2, "string"],
  object: [3, Struct],
  propertyDependencies: [6, { map: Urns }],
});
export const OutputsRequest = message({ urn: [1, "string"], outputs: [2, Struct] });
