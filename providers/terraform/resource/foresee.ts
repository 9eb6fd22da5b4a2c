// What the engine's own plan says of a change before it is made: whether it needs a new object, and
// whether the content of an image differs. Reads only.
import { plan } from "../../engine/reconcile.ts";
import type { Planned } from "../planning.ts";
import type { Attribute } from "../schema/attribute.ts";
import { snakeCase } from "../schema/attribute.ts";
import type { TerraformObject } from "../schema/translate.ts";
import { hasUnknown, UNKNOWN } from "../value.ts";
import { declaredFields, stackOf } from "./declaration.ts";
import type { ObjectKind } from "./definition.ts";
import type { Remembered, Session } from "./type.ts";

interface Known {
  prior: TerraformObject | null;
  config: TerraformObject;
  remembered: Remembered;
}

/**
 * Adds to a planned change what only the host can tell; does nothing while something is unknown.
 */
export async function foreseen(
  kind: ObjectKind,
  attributes: readonly Attribute[],
  { prior, config, remembered }: Known,
  planned: Planned,
  session: Session,
): Promise<void> {
  if (hasUnknown(config)) return;
  const { state, replace } = planned;
  const host = String(state.host);
  if (prior === null && !session.connections.fieldsOf(host)) return;
  const connection = await session.connections.find(host, remembered.connect);
  const name = remembered.resource ?? String(state.name);
  const fields = declaredFields(kind, attributes, state, config);
  const declared = { kind, name: kind === "image" ? "image" : name, fields, adopt: true };
  const stack = stackOf(session.settings.project, connection, declared);
  const connect = () => connection.look(session.stop);
  const { operations } = await plan(stack, { connect, signal: session.stop });
  const own = operations.filter((one) => one.kind === kind);
  if (kind === "image") {
    const [bring] = own;
    if (bring) {
      if (prior !== null) for (const one of attributes) if (one.volatile) state[one.name] = UNKNOWN;
      state.id = `${host}/${state.name}`;
      if (bring.image !== undefined) state.ref = bring.image;
    }
    return;
  }
  for (const { action, changes } of own) {
    if (action !== "replace") continue;
    const names = changes
      .filter(({ rule }) => rule === "replace")
      .map(({ field }) => snakeCase(field.split(".")[0]!));
    const known = names.filter((one) => planned.changed.includes(one) && !replace.includes(one));
    replace.push(...new Set(known));
  }
  if (replace.length > 0) {
    for (const one of attributes) {
      const open =
        one.mode === "computed" || (one.mode === "defaulted" && config[one.name] === null);
      if (open) state[one.name] = UNKNOWN;
    }
  }
}
