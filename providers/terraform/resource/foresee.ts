// What the engine's own plan says of a change before it is made: whether it needs a new object, and
// whether the content of an image differs. Reads only.
import type { Kind } from "../../../resources/kinds/registry.ts";
import { planned as plannedOn, replacementOf } from "../../engine/single/object.ts";
import { hasUnknown } from "../protocol/value.ts";
import type { Attribute } from "../schema/attribute.ts";
import { snakeCase } from "../schema/attribute.ts";
import { warning } from "../schema/diagnostic.ts";
import { declaredFields, singleOf } from "./declaration.ts";
import { REPLACEMENT } from "./definition.ts";
import { type Draft, openOutputs, type Planned } from "./planning.ts";
import type { Remembered, Session } from "./type.ts";

interface Known extends Draft {
  remembered: Remembered;
}

/**
 * Adds to a planned change what only the host can tell; does nothing while something is unknown.
 */
export async function foreseen(
  kind: Kind,
  attributes: readonly Attribute[],
  known: Known,
  planned: Planned,
  session: Session,
): Promise<void> {
  const { prior, config, remembered } = known;
  if (hasUnknown(config)) return;
  const { state } = planned;
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
    // Also where the way to the host changes, and everything was taken for unknown at first.
    const same = bring === undefined && (ref === undefined || ref === prior.ref);
    const touched = planned.touched || !same;
    openOutputs(attributes, known, { ...planned, touched }, { anew: false, stirred: false });
    state.id = `${host}/${state.name}`;
    if (ref !== undefined) state.ref = ref;
    return;
  }
  const replacement = replacementOf(own, snakeCase);
  const start = own.find(({ action }) => action === "start");
  const made = prior !== null && own.some(({ action }) => action === "create");
  const anew = replacement !== undefined;
  openOutputs(attributes, known, planned, { anew, stirred: start !== undefined, moved: made });
  state.id = `${host}/${state.name}`;
  if (REPLACEMENT in state) {
    const idle = !planned.touched && !start;
    state[REPLACEMENT] = replacement ?? (idle ? (prior?.[REPLACEMENT] ?? null) : null);
  }
  // Terraform shows attributes and no causes.
  if (start) {
    planned.diagnostics.push(warning(`${host}/${state.name} ${start.cause}: it is started again`));
  }
}
