// Brings a stack up on its hosts as planned, takes it from hosts that it left, and takes it down.

import type { HostInput } from "../../../resources/kinds/host/host.ts";
import { isKind, kindOf } from "../../../resources/kinds/registry.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { isEmpty, type Plan } from "../../../resources/plan/operation.ts";
import type { StackInput } from "../../../resources/stack/stack.ts";
import { signalWithin } from "../../engine/deadline.ts";
import { apply, plan } from "../../engine/reconcile/reconcile.ts";
import { Severity } from "../protocol/messages.ts";
import { logProgress } from "../resource/apply-object.ts";
import { settled } from "../resource/planning.ts";
import { deadline } from "../resource/timeouts.ts";
import type { ApplyCall, Session, StateAnswer } from "../resource/type.ts";
import { diagnosticsOf, warning } from "../schema/diagnostic.ts";
import type { TerraformObject } from "../schema/translate.ts";
import { composeDiagnostics, type Declared, declaredStack, placesOf } from "./declared.ts";
import {
  connecting,
  containersOf,
  ownObjects,
  type Places,
  placesAt,
  rememberedHosts,
} from "./hosts.ts";

/** Makes the stack as planned, or removes it. */
export async function applyStack(call: ApplyCall, session: Session): Promise<StateAnswer> {
  const { prior, planned } = call;
  const remembered = rememberedHosts([prior, planned], call.remembered, session);
  const answer: StateAnswer = { state: prior, remembered, diagnostics: [] };
  try {
    const work = { call: { ...call, remembered }, session };
    if (planned === null) {
      const places = await placesAt(prior!, remembered, session);
      await takeDown(prior!, places, deadline(prior, "delete", session.stop));
      return { ...answer, state: null };
    }
    return { ...answer, ...(await made(work, planned)) };
  } catch (error) {
    return { ...answer, diagnostics: await composeDiagnostics(error) };
  }
}

interface Work {
  call: ApplyCall;
  session: Session;
}

async function made(
  { call, session }: Work,
  planned: TerraformObject,
): Promise<Omit<StateAnswer, "remembered">> {
  const { prior, config, remembered } = call;
  const places = await placesAt(planned, remembered, session);
  const hosts = hostsOf(places);
  const declared = await declaredStack({ ...planned, ...hiddenOf(config) }, hosts);
  const signal = deadline(planned, prior === null ? "create" : "update", session.stop);
  const connect = connecting(places, "connectAndInstall");
  const steps = await plan(declared.stack, {
    ...{ connect, signal, removeOrphans: planned.remove_orphans !== false },
  });
  const diagnostics = prior === null && planned.adopt !== true ? alreadyThere(declared, steps) : [];
  const { failed } = await apply(declared.stack, steps, { connect, signal, progress: logProgress });
  diagnostics.push(...failed.flatMap(({ error }) => diagnosticsOf(error)));
  if (signal.aborted) diagnostics.push(...diagnosticsOf(signal.reason));
  const isWell = diagnostics.every(({ severity }) => severity !== Severity.error);
  if (isWell && prior !== null) await leave(prior, planned, { call, session }, signal);
  const name = declared.stack.project;
  const own = await ownObjects({ ...planned, name }, places, signalWithin(30_000));
  const found = {
    ...{ name, objects: declared.objects, containers: containersOf(own) },
    id: `${Object.values(placesOf(planned)).sort().join(",")}/${name}`,
  };
  if (isWell) return { state: settled(planned, found), diagnostics };
  if (prior !== null) {
    // The edit stays to be made: what is compared next time is what was before it.
    return { state: { ...prior, containers: found.containers }, diagnostics };
  }
  return { state: own.length === 0 ? null : settled(planned, found), diagnostics };
}

// What an interrupted run left is gone on with; anything else of this name belongs to someone else.
function alreadyThere({ stack }: Declared, { operations, unchanged }: Plan) {
  const kept = (kind: string) => {
    return isKind(kind) && (!kindOf(kind).owned || kindOf(kind).holdsData);
  };
  const others = operations.filter(
    ({ action, kind }) => !["create", "pull", "deliver", "start"].includes(action) && !kept(kind),
  );
  if (others.length > 0) {
    const ids = others.map(({ host, kind, object }) => `${kind} ${object} on ${host}`);
    throw new FairleadError("conflict", `the project ${stack.project} exists: ${ids.join(", ")}`, {
      hint: "Import it, give the stack another name, or set adopt to take it over.",
    });
  }
  const there = unchanged.filter((address) => !kept(address.split("/")[1]!));
  if (there.length === 0) return [];
  return [warning(`${there.join(", ")} was there already, as declared`)];
}

/** Takes the stack from hosts that it is no longer on. */
async function leave(
  prior: TerraformObject,
  planned: TerraformObject,
  { call, session }: Work,
  signal: AbortSignal,
): Promise<void> {
  const now = new Set(Object.values(placesOf(planned)));
  const before = await placesAt(prior, call.remembered, session);
  const left = [...before].filter(([, { host }]) => !now.has(host));
  if (left.length > 0) await takeDown(prior, new Map(left), signal);
}

async function takeDown(
  stack: TerraformObject,
  places: Places,
  signal: AbortSignal,
): Promise<void> {
  const project = String(stack.name);
  const empty: StackInput = { project, hosts: hostsOf(places), resources: [] };
  const steps = await plan(empty, {
    ...{ connect: connecting(places, "connectReadOnly"), signal, direction: "down" },
    volumes: stack.remove_volumes === true,
  });
  if (isEmpty(steps)) return;
  const connect = connecting(places, "connectAndInstall");
  const { failed } = await apply(empty, steps, { connect, signal, progress: logProgress });
  signal.throwIfAborted();
  const real = failed.filter(({ error }) => error.code !== "not_found");
  if (real.length === 1) throw real[0]!.error;
  if (real.length > 1) {
    const messages = real.map(({ id, error }) => `${id}: ${error.message}`);
    throw new FairleadError(real[0]!.error.code, messages.join("\n"));
  }
}

function hostsOf(places: Places): Record<string, HostInput> {
  const entries = [...places].map(([name, { spec }]) => [name, spec as HostInput]);
  return Object.fromEntries(entries);
}

function hiddenOf(config: TerraformObject | null): TerraformObject {
  return { environment_wo: config?.environment_wo ?? null };
}
