// One run of the test engine: the plugins, the services that programs and components speak to, and
// what is done with resources that no program registers.
import type { Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import {
  OutputsRequest,
  RegisterRequest,
  RegisterResponse,
} from "../../../../providers/pulumi/component/messages.ts";
import * as wire from "../../../../providers/pulumi/messages.ts";
import {
  fromStruct,
  hasUnknown,
  type PulumiObject,
  toStruct,
} from "../../../../providers/pulumi/value.ts";
import { GrpcError, GrpcStatus, grpcServer, method } from "../../../../providers/rpc/grpc.ts";
import * as messages from "./messages.ts";
import type { Op, Outcome, RunOptions, State, Store } from "./outcome.ts";
import { Plugin } from "./plugin.ts";
import { type Program, runProgram } from "./program.ts";
import { secretsIn } from "./promises.ts";
import { nameOf, optionsOf, type Registration, urnOf } from "./registration.ts";
import { Steps } from "./steps.ts";

const FEATURES = new Set(["secrets", "resourceReferences", "aliasSpecs", "deletedWith"]);
const DEFAULT = "";

export class Run {
  readonly outcome: Outcome = { steps: [], errors: [], diffs: {}, exports: {}, log: "" };
  readonly #engine: Store;
  readonly #options: RunOptions;
  readonly #folder: string | undefined;
  readonly #seen = new Set<string>();
  readonly #plugins = new Map<string, Promise<Plugin | undefined>>();
  readonly #steps: Steps;
  #server!: Http2Server;
  #address = "";

  constructor(engine: Store, options: RunOptions, folder: string | undefined) {
    this.#engine = engine;
    this.#options = options;
    this.#folder = folder;
    this.#steps = new Steps(engine, this, options.preview === true);
  }

  async start(): Promise<void> {
    this.#server = grpcServer({ ...this.#monitor(), ...this.#engineService() });
    await new Promise<void>((done) => this.#server.listen(0, "127.0.0.1", done));
    this.#address = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    const plugin = await this.#plugin(DEFAULT, this.#options.config ?? {});
    const cancel = () => plugin!.cancel();
    this.#options.cancelWhen?.().then(cancel, (error) => this.outcome.errors.push(String(error)));
  }

  async register(program: Program): Promise<Set<string>> {
    const preview = this.#options.preview === true;
    const { code, output } = await runProgram(program, this.#address, preview);
    this.outcome.log += output;
    if (code !== 0 && this.outcome.errors.length === 0) this.outcome.errors.push(output);
    return this.#seen;
  }

  async end(): Promise<void> {
    for (const started of this.#plugins.values()) {
      const plugin = await started.catch(() => undefined);
      await plugin?.end();
      this.outcome.log += plugin?.stderr ?? "";
    }
    this.#server.close();
  }

  /** The plugin of a resource; undefined while its configuration is not known. */
  plugin(provider: string): Promise<Plugin | undefined> {
    const urn = provider.split("::").slice(0, -1).join("::");
    const known = this.#plugins.get(urn);
    if (known) return known;
    return this.#plugin(urn, this.#engine.resources.get(urn)?.inputs ?? {});
  }

  /** `going`: what is deleted in this run. */
  async delete(state: State, going: ReadonlySet<string>): Promise<void> {
    const { urn, id, custom, inputs, outputs, options } = state;
    if (options.protect) {
      this.outcome.errors.push(`${urn} is protected`);
      return;
    }
    if (custom) this.step("delete", urn);
    if (this.#options.preview) return;
    if (custom && !options.retain && !going.has(options.deletedWith)) {
      const timeout = options.deleteSeconds;
      const sent = { id, urn, properties: toStruct(outputs), oldInputs: toStruct(inputs), timeout };
      try {
        const plugin = await this.plugin(options.provider);
        await plugin!.call("Delete", wire.DeleteRequest, sent, wire.Empty);
      } catch (error) {
        this.outcome.errors.push((error as Error).message);
        return;
      }
    }
    if (this.#engine.resources.get(urn) === state) this.#engine.resources.delete(urn);
  }

  async refresh(state: State): Promise<void> {
    try {
      const plugin = (await this.plugin(state.options.provider))!;
      const found = await plugin.read(state.id, state.urn, state.inputs, state.outputs);
      if (!found) {
        this.step("delete", state.urn);
        this.#engine.resources.delete(state.urn);
        return;
      }
      const diff = await plugin.diff({ ...state, ...found }, state.inputs);
      this.outcome.diffs[nameOf(state.urn)] = diff;
      this.step(diff.changed ? "refresh" : "same", state.urn);
      Object.assign(state, { inputs: found.inputs, outputs: found.outputs });
    } catch (error) {
      this.outcome.errors.push((error as Error).message);
    }
  }

  step(op: Op, urn: string): void {
    const type = urn.split("::")[2]!.split("$").at(-1)!;
    this.outcome.steps.push(`${op} ${type.split(":").at(-1)} ${nameOf(urn)}`);
  }

  #monitor() {
    const at = (name: string) => `/pulumirpc.ResourceMonitor/${name}`;
    return {
      [at("SupportsFeature")]: method(
        messages.FeatureRequest,
        messages.FeatureResponse,
        async ({ id }) => ({ hasSupport: FEATURES.has(id) }),
      ),
      [at("RegisterResource")]: method(RegisterRequest, RegisterResponse, (request) =>
        this.#register(request),
      ),
      [at("RegisterResourceOutputs")]: method(OutputsRequest, wire.Empty, async (request) => {
        const outputs = fromStruct(request.outputs);
        if (request.urn.includes("pulumi:pulumi:Stack")) this.outcome.exports = outputs;
        const state = this.#engine.resources.get(request.urn);
        if (state) state.outputs = outputs;
        return {};
      }),
      [at("Invoke")]: method(messages.InvokeRequest, wire.InvokeResponse, async (request) => {
        const { tok, args, provider } = request;
        const plugin = await this.plugin(provider);
        return plugin!.call("Invoke", wire.InvokeRequest, { tok, args }, wire.InvokeResponse);
      }),
      [at("SignalAndWaitForShutdown")]: method(wire.Empty, wire.Empty, async () => ({})),
    };
  }

  #engineService() {
    const at = (name: string) => `/pulumirpc.Engine/${name}`;
    let root = "";
    return {
      [at("Log")]: method(wire.LogRequest, wire.Empty, async ({ message, severity }) => {
        // As the real one: what is meant for debugging is not shown.
        if (severity !== wire.Severity.debug) this.outcome.log += `${message}\n`;
        return {};
      }),
      [at("GetRootResource")]: method(wire.Empty, messages.RootResource, async () => ({
        urn: root,
      })),
      [at("SetRootResource")]: method(messages.RootResource, wire.Empty, async ({ urn }) => {
        root = urn;
        return {};
      }),
    };
  }

  async #register(request: Registration) {
    const { type, name, parent } = request;
    const urn = urnOf(type, name, parent);
    const given = fromStruct(request.object);
    for (const secret of secretsIn(given)) this.#engine.secrets.add(secret);
    try {
      if (request.remote) return await this.#construct(request);
      this.#seen.add(urn);
      const state =
        !request.custom || type.startsWith("pulumi:")
          ? await this.#plain(request, urn, given)
          : await this.#steps.custom(request, urn, given);
      return { urn, id: state.id, object: toStruct(state.outputs) };
    } catch (error) {
      const known = error instanceof GrpcError && error.status === GrpcStatus.unavailable;
      if (!known) this.outcome.errors.push(`${name}: ${(error as Error).message}`);
      throw new GrpcError(GrpcStatus.unavailable, "the step failed");
    }
  }

  async #construct(request: Registration) {
    const { type, name, parent, object, dependencies, providers, customTimeouts } = request;
    const { protect, retainOnDelete, aliases, deletedWith, propertyDependencies } = request;
    const plugin = await this.plugin(providers.fairlead ?? request.provider);
    const { urn, state } = await plugin!.call(
      "Construct",
      wire.ConstructRequest,
      {
        ...{ type, name, parent, inputs: object, dependencies, providers, customTimeouts },
        ...{ protect, retainOnDelete, aliases, deletedWith },
        inputDependencies: propertyDependencies,
        ...{ dryRun: this.#options.preview === true, monitorEndpoint: this.#address },
      },
      wire.ConstructResponse,
    );
    return { urn, id: "", object: state };
  }

  async #plain(request: Registration, urn: string, inputs: PulumiObject): Promise<State> {
    const { type, custom } = request;
    const before = this.#engine.resources.get(urn);
    if (custom) await this.#configured(urn, before?.inputs, inputs);
    const base = { initErrors: [], options: optionsOf(request) };
    const id = custom ? "provider" : "";
    const state = { ...base, urn, type, id, custom: false, inputs, outputs: inputs };
    if (!this.#options.preview) this.#engine.resources.set(urn, state);
    return state;
  }

  // An explicit provider is a process of its own; other settings never make resources anew.
  async #configured(urn: string, before: PulumiObject | undefined, inputs: PulumiObject) {
    const plugin = await this.#plugin(urn, inputs);
    if (!before || !plugin) return;
    const sent = {
      urn,
      oldInputs: toStruct(before),
      olds: toStruct(before),
      news: toStruct(inputs),
    };
    const diff = await plugin.call("DiffConfig", wire.DiffRequest, sent, wire.DiffResponse);
    if (diff.replaces.length > 0) throw new Error(`${urn} must be replaced: ${diff.replaces}`);
  }

  #plugin(urn: string, config: PulumiObject): Promise<Plugin | undefined> {
    const started = this.#started(config);
    this.#plugins.set(urn, started);
    return started;
  }

  async #started(config: PulumiObject): Promise<Plugin | undefined> {
    if (hasUnknown(config)) return undefined;
    const plugin = await Plugin.start(this.#address, this.#folder);
    const failures = await plugin.configure(config);
    if (failures.length === 0) return plugin;
    await plugin.end();
    throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join("\n"));
  }
}
