// A small engine over the real protocol: it serves the ResourceMonitor that a program registers its
// resources with, calls the real plugin, and keeps a state. What the real one promises to programs
// and providers that is tested here is as in pkg/resource/deploy of 3.259.
import { randomBytes } from "node:crypto";
import type { Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import * as wire from "../../../../providers/pulumi/messages.ts";
import {
  fromStruct,
  hasUnknown,
  type PulumiObject,
  toStruct,
} from "../../../../providers/pulumi/value.ts";
import { GrpcError, GrpcStatus, grpcServer, method } from "../../../../providers/rpc/grpc.ts";
import { decode, type Of } from "../../../../providers/rpc/protobuf.ts";
import * as monitor from "./messages.ts";
import { type Diff, Plugin } from "./plugin.ts";
import { type Program, runProgram } from "./program.ts";
import { flagsOf, nameOf, type State, secondsOf, withIgnored } from "./state.ts";

export type Op = "same" | "create" | "update" | "replace" | "delete" | "import" | "refresh";

export interface Outcome {
  /** `create Container web`, in the order of registration. */
  steps: string[];
  errors: string[];
  diffs: Record<string, Diff>;
  /** What the stack exports. */
  exports: PulumiObject;
  log: string;
}

export interface Options {
  preview?: boolean;
  config?: PulumiObject;
  /** Called when the plugin has been started, for tests that cancel. */
  started?: (plugin: Plugin) => void;
}

type Registration = Of<typeof monitor.RegisterRequest>;

export class TestEngine {
  readonly resources = new Map<string, State>();
  readonly #pendingDeletes: State[] = [];

  /** Runs the program and makes things so, or says what would be done. */
  async up(program: Program, options: Options = {}): Promise<Outcome> {
    const run = new Run(this, options);
    await run.start();
    try {
      const seen = await run.register(program);
      if (run.outcome.errors.length === 0) {
        const gone = [...this.resources.values()].filter(({ urn }) => !seen.has(urn)).reverse();
        for (const state of [...this.#pendingDeletes, ...gone]) await run.delete(state);
        if (!options.preview) this.#pendingDeletes.length = 0;
      }
    } finally {
      await run.end();
    }
    return run.outcome;
  }

  preview(program: Program, options: Options = {}): Promise<Outcome> {
    return this.up(program, { ...options, preview: true });
  }

  /** Reads everything; says per resource what has drifted. */
  async refresh(options: Options = {}): Promise<Outcome> {
    const run = new Run(this, options);
    await run.start();
    try {
      for (const state of [...this.resources.values()]) if (state.custom) await run.refresh(state);
    } finally {
      await run.end();
    }
    return run.outcome;
  }

  async destroy(options: Options = {}): Promise<Outcome> {
    const run = new Run(this, options);
    await run.start();
    try {
      for (const state of [...this.resources.values()].reverse()) await run.delete(state);
    } finally {
      await run.end();
    }
    return run.outcome;
  }

  /** The state as a file would have it: sealed values are not in it. */
  exported(): string {
    return JSON.stringify(
      [...this.resources.values()].map((one) => ({ ...one })),
      (_key, value) => (value?.constructor?.name === "Sealed" ? "[sealed]" : value),
    );
  }

  of(name: string): State {
    const found = [...this.resources.values()].find(({ urn }) => urn.endsWith(`::${name}`));
    if (!found) throw new Error(`no resource ${name} in the state`);
    return found;
  }

  later(state: State): void {
    this.#pendingDeletes.push(state);
  }
}

class Run {
  readonly outcome: Outcome = { steps: [], errors: [], diffs: {}, exports: {}, log: "" };
  readonly #engine: TestEngine;
  readonly #options: Options;
  readonly #seen = new Set<string>();
  #plugin!: Plugin;
  #server!: Http2Server;
  #address = "";

  constructor(engine: TestEngine, options: Options) {
    this.#engine = engine;
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#server = grpcServer({ ...this.#monitor(), ...this.#engineService() });
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    this.#address = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    this.#plugin = await Plugin.start(this.#address);
    const failures = await this.#plugin.configure(this.#options.config ?? {});
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    this.#options.started?.(this.#plugin);
  }

  async register(program: Program): Promise<Set<string>> {
    const { code, output } = await runProgram(
      program,
      this.#address,
      this.#options.preview === true,
    );
    this.outcome.log += output;
    if (code !== 0 && this.outcome.errors.length === 0) this.outcome.errors.push(output);
    return this.#seen;
  }

  async end(): Promise<void> {
    await this.#plugin.end();
    this.outcome.log += this.#plugin.stderr;
    this.#server.close();
  }

  async delete(state: State): Promise<void> {
    const { urn, id, custom, inputs, outputs } = state;
    if (state.protect) {
      this.outcome.errors.push(`${urn} is protected`);
      return;
    }
    if (custom) this.#step("delete", urn);
    if (this.#options.preview) return;
    if (custom && !state.retain) {
      const request = { id, urn, properties: toStruct(outputs), oldInputs: toStruct(inputs) };
      try {
        await this.#plugin.call("Delete", wire.DeleteRequest, request, wire.Empty);
      } catch (error) {
        this.outcome.errors.push((error as Error).message);
        return;
      }
    }
    if (this.#engine.resources.get(urn) === state) this.#engine.resources.delete(urn);
  }

  async refresh(state: State): Promise<void> {
    try {
      const found = await this.#plugin.read(state.id, state.urn, state.inputs, state.outputs);
      if (!found) {
        this.#step("delete", state.urn);
        this.#engine.resources.delete(state.urn);
        return;
      }
      const diff = await this.#plugin.diff({ ...state, ...found }, state.inputs);
      this.outcome.diffs[nameOf(state.urn)] = diff;
      this.#step(diff.changed ? "refresh" : "same", state.urn);
      Object.assign(state, { inputs: found.inputs, outputs: found.outputs });
    } catch (error) {
      this.outcome.errors.push((error as Error).message);
    }
  }

  #monitor() {
    const at = (name: string) => `/pulumirpc.ResourceMonitor/${name}`;
    return {
      [at("SupportsFeature")]: method(
        monitor.FeatureRequest,
        monitor.FeatureResponse,
        async ({ id }) => ({ hasSupport: FEATURES.has(id) }),
      ),
      [at("RegisterResource")]: method(
        monitor.RegisterRequest,
        monitor.RegisterResponse,
        (request) => this.#register(request),
      ),
      [at("RegisterResourceOutputs")]: method(
        monitor.OutputsRequest,
        wire.Empty,
        async (request) => {
          if (request.urn.includes("pulumi:pulumi:Stack")) {
            this.outcome.exports = fromStruct(request.outputs);
          }
          return {};
        },
      ),
      [at("Invoke")]: method(monitor.InvokeRequest, wire.InvokeResponse, ({ tok, args }) =>
        this.#plugin.call("Invoke", wire.InvokeRequest, { tok, args }, wire.InvokeResponse),
      ),
      [at("SignalAndWaitForShutdown")]: method(wire.Empty, wire.Empty, async () => ({})),
    };
  }

  #engineService() {
    const at = (name: string) => `/pulumirpc.Engine/${name}`;
    let root = "";
    return {
      [at("Log")]: method(wire.LogRequest, wire.Empty, async ({ message }) => {
        this.outcome.log += `${message}\n`;
        return {};
      }),
      [at("GetRootResource")]: method(wire.Empty, monitor.RootResource, async () => ({
        urn: root,
      })),
      [at("SetRootResource")]: method(monitor.RootResource, wire.Empty, async ({ urn }) => {
        root = urn;
        return {};
      }),
    };
  }

  async #register(request: Registration) {
    const { type, name } = request;
    const urn = `urn:pulumi:test::lab::${type}::${name}`;
    this.#seen.add(urn);
    const given = fromStruct(request.object);
    const plain = !request.custom || type.startsWith("pulumi:");
    try {
      const state = plain
        ? this.#plain(request, urn, given)
        : await this.#custom(request, urn, given);
      return { urn, id: state.id, object: toStruct(state.outputs) };
    } catch (error) {
      this.outcome.errors.push(`${name}: ${(error as Error).message}`);
      throw new GrpcError(GrpcStatus.unavailable, "the step failed");
    }
  }

  #plain({ type, custom }: Registration, urn: string, inputs: PulumiObject): State {
    const id = custom ? "provider" : "";
    const base = { initErrors: [], retain: false, protect: false };
    const state = { ...base, urn, type, id, custom: false, inputs, outputs: inputs };
    if (!this.#options.preview) this.#engine.resources.set(urn, state);
    return state;
  }

  async #custom(request: Registration, urn: string, given: PulumiObject): Promise<State> {
    const old = this.#engine.resources.get(urn);
    if (request.importId !== "" && !old) return this.#import(request, urn, given);
    const news = withIgnored(given, old?.inputs, request.ignoreChanges);
    const inputs = await this.#checked(urn, old?.inputs ?? {}, news);
    if (!old) return this.#create(request, urn, inputs, "create");
    const diff = await this.#plugin.diff(old, inputs);
    const forced = request.replaceOnChanges.filter((name) => {
      return Object.keys(diff.detail).some((path) => path.split(/[.[]/)[0] === name);
    });
    this.outcome.diffs[request.name] = diff;
    if (diff.replaces.length + forced.length > 0) return this.#replace(request, old, news, diff);
    if (!diff.changed && old.initErrors.length === 0) {
      this.#step("same", urn);
      const same = { ...old, inputs, ...flagsOf(request) };
      if (!this.#options.preview) this.#engine.resources.set(urn, same);
      return same;
    }
    return this.#update(request, old, inputs);
  }

  async #checked(urn: string, olds: PulumiObject, news: PulumiObject): Promise<PulumiObject> {
    const { inputs, failures } = await this.#plugin.check(urn, olds, news, randomBytes(32));
    if (failures.length === 0) return inputs;
    throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
  }

  async #replace(request: Registration, old: State, news: PulumiObject, diff: Diff) {
    const first = request.deleteBeforeReplaceDefined
      ? request.deleteBeforeReplace
      : diff.deleteBeforeReplace;
    const inputs = await this.#checked(old.urn, {}, news);
    if (first) await this.delete(old);
    const made = await this.#create(request, old.urn, inputs, "replace");
    if (!first && !this.#options.preview) this.#engine.later(old);
    if (!first && this.#options.preview) this.#step("delete", old.urn);
    return made;
  }

  async #create(request: Registration, urn: string, inputs: PulumiObject, op: Op): Promise<State> {
    this.#step(op, urn);
    const preview = this.#options.preview === true;
    const timeout = secondsOf(request.timeouts?.create);
    const sent = { urn, properties: toStruct(inputs), preview, timeout };
    const made = await this.#orHalf(
      this.#plugin.call("Create", wire.CreateRequest, sent, wire.CreateResponse),
    );
    return this.#settle(request, urn, { ...made, inputs });
  }

  async #update(request: Registration, old: State, inputs: PulumiObject): Promise<State> {
    this.#step("update", old.urn);
    const { id, urn } = old;
    const sent = {
      ...{ id, urn, preview: this.#options.preview === true, news: toStruct(inputs) },
      ...{ olds: toStruct(old.outputs), oldInputs: toStruct(old.inputs) },
      timeout: secondsOf(request.timeouts?.update),
    };
    const made = await this.#orHalf(
      this.#plugin.call("Update", wire.UpdateRequest, sent, wire.UpdateResponse),
    );
    return this.#settle(request, urn, { ...made, id, inputs });
  }

  async #import(request: Registration, urn: string, given: PulumiObject): Promise<State> {
    this.#step("import", urn);
    const found = await this.#plugin.read(request.importId, urn, {}, {});
    if (!found) throw new Error(`there is nothing to import as ${request.importId}`);
    const inputs = await this.#checked(urn, found.inputs, given);
    const diff = await this.#plugin.diff({ ...found, urn }, inputs);
    this.outcome.diffs[request.name] = diff;
    if (diff.changed) throw new Error(`import differs: ${JSON.stringify(diff.detail)}`);
    const properties = toStruct(found.outputs);
    return this.#settle(request, urn, { ...found, inputs, properties, reasons: [] });
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

  #settle(request: Registration, urn: string, made: Settled): State {
    const outputs = fromStruct(made.properties as Parameters<typeof fromStruct>[0]);
    const { preview } = this.#options;
    if (!preview && hasUnknown(outputs)) throw new Error(`${urn}: unknowns in real outputs`);
    if (!preview && !made.id) throw new Error(`${urn}: no id`);
    const { type } = request;
    const state: State = {
      ...{ urn, type, id: made.id ?? "", custom: true, inputs: made.inputs, outputs },
      ...{ initErrors: made.reasons, ...flagsOf(request) },
    };
    if (!preview) this.#engine.resources.set(urn, state);
    if (made.reasons.length > 0) throw new Error(made.reasons.join("\n"));
    return state;
  }

  #step(op: Op, urn: string): void {
    this.outcome.steps.push(`${op} ${urn.split("::")[2]!.split(":").at(-1)} ${nameOf(urn)}`);
  }
}

interface Settled {
  id?: string;
  inputs: PulumiObject;
  properties: unknown;
  reasons: string[];
}

const FEATURES = new Set(["secrets", "resourceReferences", "aliasSpecs", "deletedWith"]);
