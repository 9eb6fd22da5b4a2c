// The resource types of what lives on a host. Each apply plans and applies a stack of this host and
// this one object; what containers and networks are is known elsewhere.

import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { shapeOf, typeOf } from "../../../resources/kinds/shape.ts";
import { sameNormal } from "../../../resources/model/canonical.ts";
import { inspect } from "../../../resources/model/schema.ts";
import { meaningOf } from "../../engine/single/definition.ts";
import { isRefusal } from "../../engine/single/object.ts";
import { refusals } from "../../engine/single/refusals.ts";
import { hasUnknown, UNKNOWN, Unknown, type Value } from "../protocol/value.ts";
import { type Attribute, attributesOf, computed } from "../schema/attribute.ts";
import { type Diagnostic, diagnosticsOf, ofProblem, warning } from "../schema/diagnostic.ts";
import { type TerraformObject, toFields } from "../schema/translate.ts";
import { applyObject } from "./apply-object.ts";
import { declaredFields, ENV_WO } from "./declaration.ts";
import { REPLACEMENT, replacementAttribute, shownAttributes, unwell } from "./definition.ts";
import { importObject } from "./import-object.ts";
import { openOutputs, type Planned, planObject, type SameMeaning } from "./planning.ts";
import { previewChange } from "./preview.ts";
import { readObject } from "./read-object.ts";
import { timeoutProblems, timeoutsAttribute } from "./timeouts.ts";
import type { PlanAnswer, PlanCall, Remembered, ResourceType, Session } from "./type.ts";

/** The resource type of a kind of object. */
export function objectType(kind: Kind): ResourceType {
  const { doc: about, holdsData } = kindOf(kind);
  const doc = holdsData ? `${about} To destroy it destroys its data.` : about;
  const attributes = attributesFor(kind);
  return {
    ...{ name: `fairlead_${kind}`, doc, attributes },
    validate: (config) => validateObject(kind, attributes, config),
    plan: (call, session) => planOne(kind, attributes, call, session),
    apply: (call, session) => applyObject(kind, attributes, call, session),
    read: (state, remembered, session) => readObject(kind, attributes, state, remembered, session),
    import: (id, session) => importObject(kind, attributes, id, session),
  };
}

function attributesFor(kind: Kind): Attribute[] {
  const { owned } = kindOf(kind);
  const own = attributesOf(shapeOf(kind)).map((one): Attribute => {
    if (one.name !== "name" || !owned) return one;
    return { ...one, mode: "defaulted", default: `the project, and what makes it unique` };
  });
  return [
    computed("id", "`HOST/NAME`, as it is imported."),
    {
      ...{ name: "host", type: { kind: "string" }, mode: "required", rule: "replace" },
      moves: true,
      doc: "Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`.",
    },
    ...own,
    ...(own.some(({ name }) => name === "env") ? writeOnlyEnv : []),
    ...(owned ? [adopt] : []),
    ...shownAttributes(kind),
    ...replacementAttribute(kind),
    timeoutsAttribute,
  ];
}

const adopt: Attribute = {
  name: "adopt",
  type: { kind: "bool" },
  doc: "Take over an object of this name that someone else made.",
  mode: "optional",
  rule: "policy",
  default: "false: it is an error",
};

const writeOnlyEnv: Attribute[] = [
  {
    name: ENV_WO,
    type: { kind: "map", of: { kind: "string" } },
    doc: "Further environment variables, kept in no plan and no state. Needs Terraform 1.11.",
    mode: "optional",
    sensitive: true,
    writeOnly: true,
    rule: "replace",
  },
  {
    name: `${ENV_WO}_version`,
    type: { kind: "string" },
    doc: "Change it to apply a changed `env_wo`.",
    mode: "optional",
    rule: "replace",
  },
];

/** Everything that is wrong with what is known of a configuration. */
function validateObject(kind: Kind, attributes: readonly Attribute[], config: TerraformObject) {
  const timeouts = timeoutProblems(config);
  const open = attributes.filter(({ name }) => hasUnknown(config[name] ?? null));
  const known = Object.entries(config).filter(([name]) => !open.some((one) => one.name === name));
  const fields = toFields(attributes, Object.fromEntries(known));
  const { problems } = inspect(typeOf(kind), fields);
  // What depends on a value that is not known yet is checked when it is.
  const judged =
    open.length === 0 ? problems : problems.filter(({ path }) => Object.hasOwn(fields, head(path)));
  return [...judged.map((one) => ofProblem(one, kind)), ...timeouts];
}

function head(path: string): string {
  return /^[A-Za-z0-9]+/.exec(path)?.[0] ?? "";
}

async function planOne(
  kind: Kind,
  attributes: readonly Attribute[],
  { prior, proposed, config, remembered }: PlanCall,
  session: Session,
): Promise<PlanAnswer> {
  const host = (proposed ?? prior)?.host;
  const connect = typeof host === "string" ? session.connections.fieldsOf(host) : undefined;
  const kept: Remembered = { ...remembered, ...(connect ? { connect } : {}) };
  if (proposed === null || config === null) {
    return { state: null, remembered: kept, diagnostics: [] };
  }
  const elsewhere = foreignNames(kind, attributes, proposed, session);
  if (elsewhere.length > 0) return { state: proposed, remembered: kept, diagnostics: elsewhere };
  const moves = prior !== null ? session.moving.get(String(host)) : undefined;
  const needsWork = prior !== null && unwell(kind, prior);
  const { replaces, content } = kindOf(kind);
  const draft = { prior, proposed, config };
  const manner = { needsWork, inPlace: replaces };
  const planned = planObject(attributes, draft, meaning(kind), manner);
  const { state, replace, diagnostics } = planned;
  state.id = idOf(state);
  const answer: PlanAnswer = { state, replace, remembered: kept, diagnostics };
  if (replaces) state[REPLACEMENT] = guessed(planned, prior, needsWork);
  if (moves !== undefined) {
    openOutputs(attributes, draft, planned, { anew: true, needsWork: true, moved: true });
    state.id = idOf(state);
  } else if (prior !== null) diagnostics.push(...unreachable(String(host), session));
  if (moves !== "unknown" && (prior === null || planned.changed.length > 0)) {
    diagnostics.push(...(await refused(kind, attributes, config, kept, session)));
  }
  if (diagnostics.length > 0 || replace.length > 0 || moves === "unknown") return answer;
  if (moves !== undefined || content || planned.changed.length > 0 || needsWork) {
    try {
      await previewChange(kind, attributes, { ...draft, remembered: kept }, planned, session);
    } catch (error) {
      if (!content && !isRefusal(kind, error)) return answer;
      const found = diagnosticsOf(error);
      // A host that is made by this run cannot be asked; the apply says what is wrong.
      if (prior === null) diagnostics.push(...found.map((one) => warning(one.summary, one.detail)));
      else diagnostics.push(...found);
    }
  }
  return answer;
}

// What of it the engine of its host cannot do; a host that this run makes cannot be asked.
async function refused(
  kind: Kind,
  attributes: readonly Attribute[],
  config: TerraformObject,
  { connect }: Remembered,
  { connections, stop }: Session,
): Promise<Diagnostic[]> {
  const host = config.host ?? null;
  if (typeof host !== "string") return [];
  const connection = await connections.find(host, connect).catch(() => undefined);
  if (connection === undefined) return [];
  const known = Object.entries(config).filter(([, value]) => !hasUnknown(value));
  const fields = toFields(attributes, Object.fromEntries(known));
  return (await refusals(kind, fields, connection, stop)).map((one) => ofProblem(one, kind));
}

// Of a host of this configuration its own plan tells it; an address has no plan.
function unreachable(host: string, { unreachable: failures, reported }: Session): Diagnostic[] {
  const failure = failures.get(host);
  if (failure === undefined || reported.has(host)) return [];
  reported.add(host);
  return diagnosticsOf(failure);
}

// What is named by its id, and is on another host.
function foreignNames(
  kind: Kind,
  attributes: readonly Attribute[],
  proposed: TerraformObject,
  session: Session,
) {
  try {
    const isHost = (id: string) => session.connections.fieldsOf(id) !== undefined;
    declaredFields(kind, attributes, proposed, null, isHost);
    return [];
  } catch (error) {
    return diagnosticsOf(error);
  }
}

// What the attributes alone tell of it; the host says more when it can be asked.
function guessed(
  { anew, touched }: Planned,
  prior: TerraformObject | null,
  needsWork: boolean,
): Value {
  if (anew.length > 0) return UNKNOWN;
  return touched || needsWork ? null : (prior?.[REPLACEMENT] ?? null);
}

function idOf({ host, name }: TerraformObject) {
  return host instanceof Unknown || name instanceof Unknown ? UNKNOWN : `${host}/${name}`;
}

function meaning(kind: Kind): SameMeaning {
  return (attribute, a, b) => {
    const { name, field } = attribute;
    if (field === undefined) return false;
    const [one, other] = [a, b].map((value) => {
      return meaningOf(kind, field, toFields([attribute], { [name]: value })[field]);
    });
    return one !== undefined && other !== undefined && sameNormal(one, other);
  };
}
