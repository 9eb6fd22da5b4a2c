// What the engine's own plan says of a change before it is made: whether it needs a new object, and
// whether the content of an image differs. Reads only.
import type { Kind } from "../../../resources/kinds/registry.ts";
import { planned as plannedOn } from "../../engine/single/object.ts";
import type { Planned } from "../planning.ts";
import type { Attribute } from "../schema/attribute.ts";
import { snakeCase } from "../schema/attribute.ts";
import type { TerraformObject } from "../schema/translate.ts";
import { hasUnknown, UNKNOWN } from "../value.ts";
import { declaredFields, singleOf } from "./declaration.ts";
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
  kind: Kind,
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
  const named = { object: String(state.name), name: remembered.resource };
  const fields = declaredFields(kind, attributes, state, config);
  const single = singleOf(session.settings.project, connection, kind, named, fields);
  const connect = () => connection.look(session.stop);
  const own = await plannedOn(single, { connect, signal: session.stop });
  if (kind === "image") {
    // Another run may bring a new image first, so of that one nothing is said before it is made.
    if (prior === null) return;
    const [bring] = own;
    const { seen } = bring
      ? { seen: undefined }
      : await session.observer.see(connection, "image", named.object);
    const ref = bring ? bring.image : seen?.Id;
    if (bring === undefined && (ref === undefined || ref === state.ref)) return;
    for (const one of attributes) if (one.volatile) state[one.name] = UNKNOWN;
    state.id = `${host}/${state.name}`;
    if (ref !== undefined) state.ref = ref;
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
