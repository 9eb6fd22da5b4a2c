// The null_resource of hashicorp/null for cdktn, written out: there is no package of it for
// cdktn, and a construct compiled for cdktf does not work in a cdktn app. Only the build for
// cdktn has this file.
import {
  type TerraformMetaArguments,
  TerraformProvider,
  TerraformResource,
  TerraformStack,
} from "cdktn";
import type { Construct } from "constructs";

const METADATA = { providerName: "null", providerVersion: "3.2.4" };

export interface NullResourceConfig extends TerraformMetaArguments {
  readonly triggers?: { [key: string]: string };
}

export class NullResource extends TerraformResource {
  static readonly tfResourceType: string = "null_resource";
  readonly #triggers: { [key: string]: string } | undefined;

  constructor(scope: Construct, id: string, { triggers, ...meta }: NullResourceConfig) {
    super(scope, id, {
      terraformResourceType: "null_resource",
      terraformGeneratorMetadata: METADATA,
      ...meta,
    });
    this.#triggers = triggers;
  }

  get id(): string {
    return this.getStringAttribute("id");
  }

  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return this.#triggers === undefined ? {} : { triggers: this.#triggers };
  }
}

class NullProvider extends TerraformProvider {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      terraformResourceType: "null",
      terraformGeneratorMetadata: METADATA,
      terraformProviderSource: "null",
    });
  }
}

/** Makes sure that the stack has the provider of null_resource. */
export function needNullProvider(scope: Construct): void {
  const stack = TerraformStack.of(scope);
  const found = stack.node.findAll().some((one) => one instanceof NullProvider);
  if (!found) new NullProvider(stack, "fairlead-null");
}
