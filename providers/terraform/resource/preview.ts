// What the engine's own plan says of a change before it is made: whether it needs a new object, and
// whether the content of an image differs. Reads only.
import { type Kind, kindOf, type SeenOf } from "../../../resources/kinds/registry.ts";
import type { Operation } from "../../../resources/plan/operation.ts";
import { planned as plannedOn, replacementOf } from "../../engine/single/object.ts";
import { hasUnknown } from "../protocol/value.ts";
import type { Attribute } from "../schema/attribute.ts";
import { snakeCase } from "../schema/attribute.ts";
import { warning } from "../schema/diagnostic.ts";
import { declaredFields, singleOf } from "./declaration.ts";
import { REPLACEMENT, shown } from "./definition.ts";
import { type Draft, openOutputs, type Planned } from "./planning.ts";
import type { Remembered, Session } from "./type.ts";

interface Known extends Draft {
  remembered: Remembered;
}

/**
 * Adds to a planned change what only the host can tell; does nothing while something is unknown.
 */
export async function previewChange(
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
  const connect = () => connection.connectReadOnly(session.stop);
  const own = await plannedOn(single, { connect, signal: session.stop });
  const { content } = kindOf(kind);
  if (content) {
    // Another run may bring a new one first, so of that nothing is said before it is made.
    if (prior === null) return;
    const seeing = () => session.observer.see(connection, kind, named.object);
    return previewContent(kind, attributes, known, planned, own[0], seeing);
  }
  const replacement = replacementOf(own, snakeCase);
  const start = own.find(({ action }) => action === "start");
  const made = prior !== null && own.some(({ action }) => action === "create");
  const anew = replacement !== undefined;
  openOutputs(attributes, known, planned, { anew, needsWork: start !== undefined, moved: made });
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

// What of its content is known before it is brought: the fact that says it, when the plan does.
async function previewContent(
  kind: Kind,
  attributes: readonly Attribute[],
  known: Known,
  planned: Planned,
  bring: Operation | undefined,
  seeing: () => Promise<{ seen: unknown }>,
): Promise<void> {
  const { state } = planned;
  const fact = snakeCase(kindOf(kind).content!.fact);
  const now = bring ? bring.image : shown(kind, (await seeing()).seen as SeenOf<Kind>)[fact];
  // Also where the way to the host changes, and everything was taken for unknown at first.
  const same = bring === undefined && (now === undefined || now === known.prior?.[fact]);
  const touched = planned.touched || !same;
  openOutputs(attributes, known, { ...planned, touched }, { anew: false, needsWork: false });
  state.id = `${state.host}/${state.name}`;
  if (now !== undefined) state[fact] = now;
}
