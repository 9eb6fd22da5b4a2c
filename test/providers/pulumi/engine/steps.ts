// The steps of one registered resource: same, create, update, replace in both orders, import; as
// the real engine takes them, and with what it does not assert.
import { randomBytes } from "node:crypto";
import * as wire from "../../../../providers/pulumi/messages.ts";
import {
  fromStruct,
  hasUnknown,
  type PulumiObject,
  toStruct,
  UNKNOWN,
} from "../../../../providers/pulumi/value.ts";
import { GrpcError } from "../../../../providers/rpc/grpc.ts";
import { decode } from "../../../../providers/rpc/protobuf.ts";
import type { Op, Outcome, State, Store } from "./outcome.ts";
import type { Diff, Plugin } from "./plugin.ts";
import { mustFit, secretsIn } from "./promises.ts";
import {
  formerUrns,
  isUnder,
  optionsOf,
  type Registration,
  secondsOf,
  withIgnored,
} from "./registration.ts";

interface Settled {
  id?: string;
  inputs: PulumiObject;
  properties: unknown;
  reasons: string[];
}

/** The run that the steps are part of. */
interface Surroundings {
  outcome: Outcome;
  plugin(provider: string): Promise<Plugin | undefined>;
  step(op: Op, urn: string): void;
  delete(state: State, going: ReadonlySet<string>): Promise<void>;
}

export class Steps {
  readonly #engine: Store;
  readonly #run: Surroundings;
  readonly #preview: boolean;

  constructor(engine: Store, run: Surroundings, preview: boolean) {
    this.#engine = engine;
    this.#run = run;
    this.#preview = preview;
  }

  async custom(request: Registration, urn: string, given: PulumiObject): Promise<State> {
    const plugin = await this.#run.plugin(request.provider);
    const old = this.#old(request, urn);
    // As long as a provider's configuration is not known, nothing is asked of it.
    if (!plugin) return this.#unasked(request, urn, given, old);
    if (request.importId !== "" && !old) return this.#import(plugin, request, urn, given);
    const news = old ? withIgnored(given, old.inputs, request.ignoreChanges) : given;
    const inputs = await this.#checked(plugin, urn, old?.inputs ?? {}, news);
    if (!old) return this.#create(plugin, request, urn, inputs, "create");
    const diff = await plugin.diff(old, inputs);
    const paths = Object.keys(diff.detail);
    const forced = paths.some((path) => isUnder(path, request.replaceOnChanges));
    this.#run.outcome.diffs[request.name] = diff;
    if (diff.replaces.length > 0 || forced) {
      return this.#replace(plugin, request, old, news, diff);
    }
    if (!diff.changed && old.initErrors.length === 0) {
      this.#run.step("same", urn);
      const same = { ...old, inputs, options: optionsOf(request) };
      if (!this.#preview) this.#engine.resources.set(urn, same);
      return same;
    }
    return this.#update(plugin, request, old, inputs);
  }

  // What is there under the URN or a former one of the resource.
  #old(request: Registration, urn: string): State | undefined {
    const { resources } = this.#engine;
    const former = [urn, ...formerUrns(request)].find((one) => resources.has(one));
    if (former === undefined) return undefined;
    const old = resources.get(former)!;
    if (former === urn) return old;
    const renamed = { ...old, urn };
    if (!this.#preview) {
      resources.delete(former);
      resources.set(urn, renamed);
    }
    return renamed;
  }

  #unasked(
    request: Registration,
    urn: string,
    inputs: PulumiObject,
    old: State | undefined,
  ): State {
    this.#run.step(old ? "update" : "create", urn);
    const { type } = request;
    const base = { urn, type, id: old?.id ?? "", custom: true, initErrors: [] };
    return {
      ...base,
      inputs,
      outputs: { ...old?.outputs, ...inputs },
      options: optionsOf(request),
    };
  }

  async #checked(plugin: Plugin, urn: string, olds: PulumiObject, news: PulumiObject) {
    const { inputs, failures } = await plugin.check(urn, olds, news, randomBytes(32));
    if (failures.length === 0) return inputs;
    throw new Error(
      failures
        .map(({ property, reason }) => (property ? `${property}: ${reason}` : reason))
        .join("\n"),
    );
  }

  async #replace(
    plugin: Plugin,
    request: Registration,
    old: State,
    news: PulumiObject,
    diff: Diff,
  ): Promise<State> {
    const first = request.deleteBeforeReplaceDefined
      ? request.deleteBeforeReplace
      : diff.deleteBeforeReplace;
    const inputs = await this.#checked(plugin, old.urn, {}, news);
    if (first) await this.#deleteWithDependents(plugin, old);
    const made = await this.#create(plugin, request, old.urn, inputs, "replace");
    if (!first && !this.#preview) this.#engine.later(old);
    if (!first && this.#preview) this.#run.step("delete", old.urn);
    return made;
  }

  // What would have to be replaced too goes before, as in the engine's delete-before-replace.
  async #deleteWithDependents(plugin: Plugin, old: State): Promise<void> {
    for (const other of [...this.#engine.resources.values()].reverse()) {
      const from = Object.entries(other.options.sources).filter(([, urns]) => {
        return urns.includes(old.urn);
      });
      if (!other.custom || from.length === 0) continue;
      const open = Object.fromEntries(from.map(([key]) => [key, UNKNOWN]));
      const { replaces } = await plugin.diff(other, { ...other.inputs, ...open });
      if (replaces.some((key) => key in open)) await this.#deleteWithDependents(plugin, other);
    }
    await this.#run.delete(old, new Set());
  }

  async #create(
    plugin: Plugin,
    request: Registration,
    urn: string,
    inputs: PulumiObject,
    op: Op,
  ): Promise<State> {
    this.#run.step(op, urn);
    const timeout = secondsOf(request.customTimeouts?.create);
    const sent = { urn, properties: toStruct(inputs), preview: this.#preview, timeout };
    const made = await this.#orHalf(
      plugin.call("Create", wire.CreateRequest, sent, wire.CreateResponse),
    );
    return this.#settle(plugin, request, urn, { ...made, inputs });
  }

  async #update(plugin: Plugin, request: Registration, old: State, inputs: PulumiObject) {
    this.#run.step("update", old.urn);
    const { id, urn } = old;
    const sent = {
      ...{ id, urn, preview: this.#preview, news: toStruct(inputs) },
      ...{ olds: toStruct(old.outputs), oldInputs: toStruct(old.inputs) },
      timeout: secondsOf(request.customTimeouts?.update),
    };
    const made = await this.#orHalf(
      plugin.call("Update", wire.UpdateRequest, sent, wire.UpdateResponse),
    );
    return this.#settle(plugin, request, urn, { ...made, id, inputs });
  }

  async #import(plugin: Plugin, request: Registration, urn: string, given: PulumiObject) {
    this.#run.step("import", urn);
    const found = await plugin.read(request.importId, urn, {}, {});
    if (!found) throw new Error(`there is nothing to import as ${request.importId}`);
    const inputs = await this.#checked(plugin, urn, found.inputs, given);
    const diff = await plugin.diff({ ...found, urn }, inputs);
    this.#run.outcome.diffs[request.name] = diff;
    if (diff.changed) throw new Error(`import differs: ${JSON.stringify(diff.detail)}`);
    const properties = toStruct(found.outputs);
    return this.#settle(plugin, request, urn, { ...found, inputs, properties, reasons: [] });
  }

  // What a provider says of something that is there and not well: the engine keeps it.
  async #orHalf(call: Promise<{ id?: string; properties: unknown }>) {
    try {
      return { ...(await call), reasons: [] as string[] };
    } catch (error) {
      if (!(error instanceof GrpcError) || !error.details) throw error;
      const { details } = decode(wire.RpcStatus, error.details);
      const half = decode(wire.InitFailed, details[0]!.value);
      return { id: half.id, properties: half.properties, reasons: half.reasons };
    }
  }

  async #settle(
    plugin: Plugin,
    request: Registration,
    urn: string,
    { id = "", inputs, properties, reasons }: Settled,
  ): Promise<State> {
    const { type } = request;
    const outputs = fromStruct(properties as Parameters<typeof fromStruct>[0]);
    for (const secret of secretsIn(outputs)) this.#engine.secrets.add(secret);
    mustFit(type, outputs, this.#preview || reasons.length > 0);
    const options = optionsOf(request);
    const state: State = {
      urn,
      type,
      id,
      custom: true,
      inputs,
      outputs,
      options,
      initErrors: reasons,
    };
    if (this.#preview) return state;
    if (hasUnknown(outputs)) throw new Error(`${urn}: unknowns in real outputs`);
    if (id === "") throw new Error(`${urn}: no id`);
    this.#engine.resources.set(urn, state);
    if (reasons.length > 0) throw new Error(reasons.join("\n"));
    await this.#mustReadTheSame(plugin, state);
    return state;
  }

  // Read after Create or Update shows what was declared.
  async #mustReadTheSame(plugin: Plugin, state: State): Promise<void> {
    const { id, urn, inputs, outputs } = state;
    const found = await plugin.read(id, urn, inputs, outputs);
    if (!found) throw new Error(`${urn}: what was made is not there`);
    const { detail } = await plugin.diff({ ...state, ...found }, inputs);
    const drift = Object.keys(detail).filter((path) => path !== "status");
    if (drift.length > 0) throw new Error(`${urn}: drift after an operation: ${drift}`);
  }
}
