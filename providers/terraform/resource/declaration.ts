// From a Terraform object to the stack of one resource that the engine plans and applies.
import type { HostInput } from "../../../resources/host.ts";
import { Secret } from "../../../resources/secret.ts";
import type { ResourceInput, StackInput } from "../../../resources/stack.ts";
import type { Connection } from "../connections.ts";
import type { Attribute } from "../schema/attribute.ts";
import { type TerraformObject, toFields } from "../schema/translate.ts";
import type { ObjectKind } from "./definition.ts";

/** The fields as resources take them; what may be secret is marked so. */
export function declaredFields(
  kind: ObjectKind,
  attributes: readonly Attribute[],
  object: TerraformObject,
  config: TerraformObject | null = null,
): Record<string, unknown> {
  const fields = toFields(attributes, object);
  if (kind !== "container") return fields;
  const hidden = (config?.env_wo ?? null) as Record<string, string> | null;
  const env = { ...((fields.env as object) ?? {}), ...(hidden ?? {}) };
  if (fields.env === undefined && hidden === null) return fields;
  const marked = Object.entries(env).map(([key, value]) => [key, new Secret(String(value))]);
  return { ...fields, env: Object.fromEntries(marked) };
}

/** A stack of the one host and the one object. */
export function stackOf(
  project: string,
  connection: Connection,
  declared: { kind: ObjectKind; name: string; fields: Record<string, unknown>; adopt: boolean },
): StackInput {
  const { kind, name, fields, adopt } = declared;
  const resource = { kind, host: connection.name, name, spec: fields, adopt } as ResourceInput;
  return {
    project,
    hosts: { [connection.name]: connection.spec as HostInput },
    resources: [resource],
  };
}
