// What the generated classes share: from the fields of a config to Terraform's attributes.
// Written for cdktf; the build makes the same for cdktn, which has the same names.
import * as cdktf from "cdktf";
import type { Construct } from "constructs";
import { PROVIDER_VERSION } from "./version.ts";

/** A type as the tables of the generated classes say it. */
export type TableType = "plain" | readonly ["list" | "map", TableType] | readonly ["object", Table];
/** Property, attribute, type. */
export type Table = readonly (readonly [string, string, TableType])[];

type ResourceArguments = [scope: Construct, id: string, type: string, table: Table, config: object];

const METADATA = {
  providerName: "fairlead",
  providerVersion: PROVIDER_VERSION,
  providerVersionConstraint: PROVIDER_VERSION,
};

/** A resource whose attributes are those of a table. */
export abstract class FairleadResource extends cdktf.TerraformResource {
  readonly #table: Table;
  readonly #values: Record<string, unknown>;

  constructor(...[scope, id, type, table, config]: ResourceArguments) {
    super(scope, id, {
      terraformResourceType: type,
      terraformGeneratorMetadata: METADATA,
      ...metaOf(config),
    });
    this.#table = table;
    this.#values = { ...config };
  }

  protected put(property: string, value: unknown): void {
    this.#values[property] = value;
  }

  protected given(property: string): unknown {
    return this.#values[property];
  }

  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return attributes(this.#table, this.#values);
  }

  protected override synthesizeHclAttributes(): { [name: string]: unknown } {
    throw new Error("fairlead's constructs synthesize JSON, not HCL");
  }
}

/** A data source whose attributes are those of a table. */
export abstract class FairleadData extends cdktf.TerraformDataSource {
  readonly #table: Table;
  readonly #values: Record<string, unknown>;

  constructor(...[scope, id, type, table, config]: ResourceArguments) {
    super(scope, id, {
      terraformResourceType: type,
      terraformGeneratorMetadata: METADATA,
      ...metaOf(config),
    });
    this.#table = table;
    this.#values = { ...config };
  }

  protected put(property: string, value: unknown): void {
    this.#values[property] = value;
  }

  protected given(property: string): unknown {
    return this.#values[property];
  }

  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return attributes(this.#table, this.#values);
  }

  protected override synthesizeHclAttributes(): { [name: string]: unknown } {
    throw new Error("fairlead's constructs synthesize JSON, not HCL");
  }
}

/** The provider, with the address under which `fairlead terraform install` puts it. */
export abstract class FairleadProviderBase extends cdktf.TerraformProvider {
  readonly #table: Table;
  readonly #values: Record<string, unknown>;

  constructor(scope: Construct, id: string, table: Table, config: { alias?: string }) {
    super(scope, id, {
      terraformResourceType: "fairlead",
      terraformGeneratorMetadata: METADATA,
      terraformProviderSource: "registry.fairlead.invalid/fairlead/fairlead",
    });
    this.#table = table;
    this.#values = { ...config };
    if (config.alias !== undefined) this.alias = config.alias;
  }

  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return { alias: this.alias, ...attributes(this.#table, this.#values) };
  }

  protected override synthesizeHclAttributes(): { [name: string]: unknown } {
    throw new Error("fairlead's constructs synthesize JSON, not HCL");
  }
}

function attributes(table: Table, values: Record<string, unknown>): { [name: string]: unknown } {
  const rows = table.map(([property, attribute, type]) => [
    attribute,
    converted(type, values[property]),
  ]);
  return Object.fromEntries(rows.filter(([, value]) => value !== undefined));
}

// A token stands for a value that terraform will know: it has its form already.
function converted(type: TableType, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  if (type === "plain" || cdktf.Token.isUnresolved(value)) return value;
  if (type[0] === "object") return attributes(type[1], value as Record<string, unknown>);
  if (Array.isArray(value)) return value.map((one) => converted(type[1], one));
  const entries = Object.entries(value).map(([key, one]) => [key, converted(type[1], one)]);
  return Object.fromEntries(entries);
}

// `connection` is not among them: it is how a host is reached, and provisioners have their own.
const META = ["count", "dependsOn", "forEach", "lifecycle", "provider", "provisioners"];

function metaOf(config: object): cdktf.TerraformMetaArguments {
  return Object.fromEntries(
    Object.entries(config).filter(([name, value]) => META.includes(name) && value !== undefined),
  );
}
