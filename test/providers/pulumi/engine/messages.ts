// The messages between a program and the engine that components do not use, and those of aliases
// (pulumi/resource.proto, alias.proto and engine.proto of 3.259).
import { Struct } from "../../../../providers/pulumi/messages.ts";
import { message } from "../../../../providers/rpc/protobuf.ts";

export const FeatureRequest = message({ id: [1, "string"] });
export const FeatureResponse = message({ hasSupport: [1, "bool"] });
export const InvokeRequest = message({
  tok: [1, "string"],
  args: [2, Struct],
  provider: [3, "string"],
});
export const RootResource = message({ urn: [1, "string"] });

const AliasSpec = message({
  name: [1, "string"],
  type: [2, "string"],
  parentUrn: [5, "string", "optional"],
  noParent: [6, "bool", "optional"],
});
export const Alias = message({ urn: [1, "string", "optional"], spec: [2, AliasSpec] });
