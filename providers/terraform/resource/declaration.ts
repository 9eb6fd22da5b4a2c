// From a Terraform object to the one resource that the engine plans and applies.

import type { Kind } from "../../../resources/kinds/registry.ts";
import { Secret } from "../../../resources/model/secret.ts";
import { withNames } from "../../engine/single/names.ts";
import type { Single } from "../../engine/single/object.ts";
import type { Attribute } from "../schema/attribute.ts";
import { type TerraformObject, toFields } from "../schema/translate.ts";
import type { Connection } from "../session/connections.ts";

/** Environment variables that are kept in no plan and no state, for kinds that have `env`. */
export const ENV_WO = "env_wo";

/** The fields as resources take them; what may be secret is marked so. */
export function declaredFields(
  kind: Kind,
  attributes: readonly Attribute[],
  object: TerraformObject,
  config: TerraformObject | null = null,
  isHost?: (id: string) => boolean,
): Record<string, unknown> {
  const fields = withNames(kind, toFields(attributes, object), String(object.host), isHost);
  const hidden = (config?.[ENV_WO] ?? null) as Record<string, string> | null;
  const env = { ...((fields.env as object) ?? {}), ...(hidden ?? {}) };
  if (fields.env === undefined && hidden === null) return fields;
  const marked = Object.entries(env).map(([key, value]) => [key, new Secret(String(value))]);
  return { ...fields, env: Object.fromEntries(marked) };
}

/** The one object and its host, as the engine plans and applies it. */
export function singleOf(
  project: string,
  { name: host, spec }: Connection,
  kind: Kind,
  named: { object: string; name?: string | undefined },
  fields: Record<string, unknown>,
): Single {
  const { object, name = object } = named;
  return { kind, project, host, spec, object, name, fields };
}
