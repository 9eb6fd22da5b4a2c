// The messages between a program and the engine (pulumi/resource.proto and engine.proto of 3.259).
import { Struct } from "../../../../providers/pulumi/messages.ts";
import { message } from "../../../../providers/rpc/protobuf.ts";

export const FeatureRequest = message({ id: [1, "string"] });
export const FeatureResponse = message({ hasSupport: [1, "bool"] });

const Timeouts = message({
  create: [1, "string"],
  update: [2, "string"],
  delete: [3, "string"],
});
export const RegisterRequest = message({
  type: [1, "string"],
  name: [2, "string"],
  parent: [3, "string"],
  custom: [4, "bool"],
  object: [5, Struct],
  protect: [6, "bool"],
  dependencies: [7, ["string"]],
  provider: [8, "string"],
  deleteBeforeReplace: [10, "bool"],
  ignoreChanges: [12, ["string"]],
  importId: [16, "string"],
  timeouts: [17, Timeouts],
  deleteBeforeReplaceDefined: [18, "bool"],
  replaceOnChanges: [23, ["string"]],
  retainOnDelete: [25, "bool"],
});
export const RegisterResponse = message({
  urn: [1, "string"],
  id: [2, "string"],
  object: [3, Struct],
  result: [7, "enum"],
});
export const OutputsRequest = message({ urn: [1, "string"], outputs: [2, Struct] });
export const InvokeRequest = message({
  tok: [1, "string"],
  args: [2, Struct],
  provider: [3, "string"],
});
export const RootResource = message({ urn: [1, "string"] });
