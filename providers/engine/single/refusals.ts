// What of one declared object its host's engine cannot do, found before it is made: for tools that
// plan one resource after another, also while parts of it are not known yet. Reads only.
import { type Kind, kindOf } from "../../../resources/kinds/registry.ts";
import { typeOf } from "../../../resources/kinds/shape.ts";
import type { Problem } from "../../../resources/model/problem.ts";
import { INCAPABLE } from "../../../resources/plan/capability.ts";
import type { EngineFacts } from "../../../resources/plan/observed.ts";
import { signalWithin } from "../deadline.ts";
import type { EngineClient } from "../engine.ts";
import type { Hosts } from "../hosts/hosts.ts";
import { NO_PROJECT } from "../reconcile/observing.ts";

/** A host that can be asked what its engine can do. */
export interface Askable {
  readonly name: string;
  readonly hosts: Hosts;
  connectReadOnly(signal?: AbortSignal): Promise<EngineClient>;
}

/** A host of this run may not be there yet: nobody waits for it long, and not twice. */
const PATIENCE_MS = 10_000;
const silent = new WeakSet<Hosts>();
const known = new WeakMap<EngineClient, Promise<EngineFacts>>();

/** Problems with paths as in `containers.it.FIELD`; none where the host cannot be asked yet. */
export async function refusals(
  kind: Kind,
  fields: Readonly<Record<string, unknown>>,
  host: Askable,
  stop?: AbortSignal,
): Promise<Problem[]> {
  const { refusals: of } = kindOf(kind);
  if (!of) return [];
  const resource = { kind, host: host.name, name: "it", spec: knownPart(kind, fields) };
  const against = (facts: EngineFacts) => of(resource, facts);
  // What the least of engines can do is not worth a connection.
  if (against(INCAPABLE).length === 0 && !(await host.hosts.agent(host.name))) return [];
  const facts = await factsOf(host, stop);
  return facts === undefined ? [] : against(facts);
}

function knownPart(kind: Kind, fields: Readonly<Record<string, unknown>>) {
  const found = Object.entries(typeOf(kind).shape).flatMap(([name, type]) => {
    const { data } = type.safeParse(fields[name]);
    return data === undefined ? [] : [[name, data] as const];
  });
  return Object.fromEntries(found);
}

async function factsOf(
  host: Askable,
  stop: AbortSignal | undefined,
): Promise<EngineFacts | undefined> {
  if (silent.has(host.hosts)) return undefined;
  try {
    const engine = await host.connectReadOnly(signalWithin(PATIENCE_MS, stop));
    const facts = known.get(engine) ?? asked(engine);
    known.set(engine, facts);
    return await facts;
  } catch {
    // Whoever makes the object says what is wrong with its host.
    silent.add(host.hosts);
    return undefined;
  }
}

async function asked(engine: EngineClient): Promise<EngineFacts> {
  const nothing = { containers: [], networks: [], volumes: [], images: [] };
  const seen = await engine.observe({ project: NO_PROJECT, ...nothing }, { withDrivers: true });
  return seen.facts;
}
