// The null_resource of hashicorp/null, from the package that CDKTF publishes for it. The build for
// cdktn, for which there is none, takes null-resource-cdktn.ts in its place.
import { NullProvider } from "@cdktf/provider-null/lib/provider/index.js";
import { Resource as NullResource } from "@cdktf/provider-null/lib/resource/index.js";
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";

export { NullResource };

/** Makes sure that the stack has the provider of null_resource. */
export function needNullProvider(scope: Construct): void {
  const stack = TerraformStack.of(scope);
  const found = stack.node.findAll().some((one) => one instanceof NullProvider);
  if (!found) new NullProvider(stack, "fairlead-null");
}
