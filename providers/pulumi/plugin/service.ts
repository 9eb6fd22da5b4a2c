// The service pulumirpc.ResourceProvider: protocol messages to calls of resource handlers, answers
// and errors back, nothing sealed in any sentence.

import { setTimeout as sleep } from "node:timers/promises";
import { GrpcError, GrpcStatus, type Methods, method } from "../../rpc/grpc.ts";
import { encode } from "../../rpc/protobuf.ts";
import { construct } from "../component/construct.ts";
import { invoke } from "../functions/functions.ts";
import * as wire from "../messages.ts";
import { DEFAULTS } from "../resource/check-object.ts";
import type { Failure } from "../resource/failure.ts";
import { textOf } from "../resource/failure.ts";
import type { Call, Made, ResourceHandler } from "../resource/type.ts";
import { packageSchema } from "../schema/package-schema.ts";
import { Connections, settingsOf } from "../settings.ts";
import { fromStruct, type PulumiObject, toStruct } from "../value.ts";
import { VERSION } from "../version.ts";
import { configFailures } from "./config.ts";
import { answerOf } from "./diff-answer.ts";
import { EngineLog } from "./engine-log.ts";
import { handlerOf } from "./handlers.ts";
import { InitialObservation } from "./initial-observation.ts";
import { Redactor } from "./redactor.ts";

const AUTONAMING_DISABLED = 2;
// The engine waits 5 s for Cancel at the end of a run.
const SHUTDOWN_GRACE_MS = 4000;

/** The service of one plugin process. */
export class ProviderService {
  readonly #redactor = new Redactor();
  readonly #log = new EngineLog();
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #connections = new Connections((text) => this.#tell("warning", "", text));
  readonly #initial = new InitialObservation(this.#stop.signal);
  readonly #session = {
    connections: this.#connections,
    observed: this.#initial.of.bind(this.#initial),
    stop: this.#stop.signal,
    known: new Map<string, Set<string>>(),
    tell: this.#tell.bind(this),
  };

  constructor(engineAddress: string) {
    this.#log.attach(engineAddress);
  }

  /** What the gRPC server answers with. */
  methods(): Methods {
    return { ...this.#plumbing(), ...this.#configuration(), ...this.#resources() };
  }

  #plumbing(): Methods {
    return under("/pulumirpc.ResourceProvider/", {
      Handshake: method(wire.HandshakeRequest, wire.HandshakeResponse, async (request) => {
        this.#log.attach(request.engineAddress);
        return {
          acceptSecrets: true,
          acceptResources: true,
          supportsAutonamingConfiguration: true,
        };
      }),
      Attach: method(wire.AttachRequest, wire.Empty, async ({ address }) => {
        this.#log.attach(address);
        return {};
      }),
      GetPluginInfo: method(wire.Empty, wire.PluginInfo, async () => ({ version: VERSION })),
      GetSchema: method(wire.GetSchemaRequest, wire.GetSchemaResponse, async () => {
        return { schema: JSON.stringify(packageSchema(VERSION)) };
      }),
      GetMapping: method(wire.GetMappingRequest, wire.GetMappingResponse, async () => ({})),
      GetMappings: method(wire.Empty, wire.GetMappingsResponse, async () => ({})),
      Cancel: method(wire.Empty, wire.Empty, async () => {
        this.#stop.abort(new Error("the deployment was cancelled"));
        // What was half done must still be seen and said, or the state would not know of it.
        const grace = sleep(SHUTDOWN_GRACE_MS, undefined, { ref: false });
        await Promise.race([Promise.allSettled(this.#running), grace]);
        await this.#connections.close();
        await this.#log.close();
        return {};
      }),
    });
  }

  #configuration(): Methods {
    return under("/pulumirpc.ResourceProvider/", {
      CheckConfig: method(wire.CheckRequest, wire.CheckResponse, async ({ news }) => {
        const inputs = this.#read(news);
        return { inputs: toStruct(inputs), failures: this.#clean(configFailures(inputs)) };
      }),
      DiffConfig: method(wire.DiffRequest, wire.DiffResponse, async (request) => {
        // Other credentials reach the same hosts: never a reason to make anything anew.
        const [olds, news] = [
          this.#read(request.oldInputs ?? request.olds),
          this.#read(request.news),
        ];
        const names = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
        const diffs = names.filter((name) => {
          return (
            JSON.stringify(toStruct({ v: olds[name] })) !==
            JSON.stringify(toStruct({ v: news[name] }))
          );
        });
        return { changes: diffs.length > 0 ? wire.Changes.some : wire.Changes.none, diffs };
      }),
      Configure: method(
        wire.ConfigureRequest,
        wire.ConfigureResponse,
        async ({ args, variables }) => {
          const plain = Object.entries(variables).map(([key, value]) => [
            key.split(":").at(-1)!,
            value,
          ]);
          this.#connections.settings = settingsOf(
            args ? this.#read(args) : Object.fromEntries(plain),
          );
          const accepts = { acceptSecrets: true, supportsPreview: true, acceptResources: true };
          return { ...accepts, supportsAutonamingConfiguration: true };
        },
      ),
      Construct: method(wire.ConstructRequest, wire.ConstructResponse, (request) =>
        this.#guarded(() =>
          construct(request, VERSION, {
            read: (inputs) => this.#redactor.note(inputs),
            warn: (urn, text) => this.#tell("warning", urn, text),
          }),
        ),
      ),
      Invoke: method(wire.InvokeRequest, wire.InvokeResponse, ({ tok, args }) => {
        return this.#guarded(async () => {
          const { value, failures } = await invoke(tok, this.#read(args), this.#session);
          return { return: toStruct(value), failures: this.#clean(failures) };
        });
      }),
    });
  }

  #resources(): Methods {
    return under("/pulumirpc.ResourceProvider/", {
      Check: method(wire.CheckRequest, wire.CheckResponse, (request) =>
        this.#guarded(async () => {
          const { urn, randomSeed, autonaming } = request;
          const { inputs, failures } = await handlerOf(urn).check(
            {
              ...{
                urn,
                randomSeed,
                olds: this.#read(request.olds),
                news: this.#read(request.news),
              },
              proposedName: autonaming?.proposedName ?? "",
              mustBeNamed: autonaming?.mode === AUTONAMING_DISABLED,
            },
            this.#session,
          );
          return { inputs: toStruct(inputs), failures: this.#clean(failures).map(said) };
        }),
      ),
      Diff: method(wire.DiffRequest, wire.DiffResponse, (request) =>
        this.#guarded(async () => {
          const found = await this.#of(request).diff(this.#call(request), this.#session);
          return answerOf(found);
        }),
      ),
      Create: method(wire.CreateRequest, wire.CreateResponse, (request) =>
        this.#guarded(async () => {
          const call = this.#call({ ...request, news: request.properties, properties: undefined });
          const made = await this.#of(request).create(call, this.#session);
          if (made.reasons.length > 0) throw this.#half(made, call.news);
          return { id: made.id, properties: toStruct(made.outputs) };
        }),
      ),
      Update: method(wire.UpdateRequest, wire.UpdateResponse, (request) =>
        this.#guarded(async () => {
          const call = this.#call(request);
          const made = await this.#of(request).update(call, this.#session);
          if (made.reasons.length > 0) throw this.#half(made, call.news);
          return { properties: toStruct(made.outputs) };
        }),
      ),
      Read: method(wire.ReadRequest, wire.ReadResponse, (request) =>
        this.#guarded(async () => {
          const call = this.#call({ ...request, oldInputs: request.inputs });
          const found = await this.#of(request).read(call, this.#session);
          if (!found) return { id: "" };
          const { id, inputs, outputs } = found;
          return { id, inputs: toStruct(inputs), properties: toStruct(outputs) };
        }),
      ),
      Delete: method(wire.DeleteRequest, wire.Empty, (request) =>
        this.#guarded(async () => {
          await this.#of(request).delete(this.#call(request), this.#session);
          return {};
        }),
      ),
    });
  }

  #of({ urn }: { urn: string }): ResourceHandler {
    return handlerOf(urn);
  }

  #call(request: Asked): Call {
    const olds = this.#read(request.olds ?? request.properties);
    const { [DEFAULTS]: _defaults, ...outputs } = olds;
    return {
      ...{ urn: request.urn, id: request.id ?? "", preview: request.preview === true },
      // Engines before 3.78 send no old inputs; outputs begin with them.
      oldInputs: request.oldInputs ? this.#read(request.oldInputs) : outputs,
      ...{ olds, news: this.#read(request.news) },
      timeoutMs: (request.timeout ?? 0) * 1000,
    };
  }

  #read(struct: Asked["olds"]): PulumiObject {
    const value = fromStruct(struct);
    this.#redactor.note(value);
    return value;
  }

  #clean<F extends { reason: string }>(failures: F[]): F[] {
    return failures.map((one) => ({ ...one, reason: this.#redactor.clean(one.reason) }));
  }

  #tell(severity: "debug" | "info" | "warning", urn: string, text: string, passing = false): void {
    this.#log.tell(severity, urn, this.#redactor.clean(text), passing);
  }

  // The engine keeps what is there, shows why it is not well, and updates it in the next run.
  #half({ id, outputs, reasons }: Made, inputs: PulumiObject): GrpcError {
    const clean = reasons.map((reason) => this.#redactor.clean(reason));
    const value = encode(wire.InitFailed, {
      ...{ id, reasons: clean, inputs: toStruct(inputs), properties: toStruct(outputs) },
    });
    const typeUrl = "type.googleapis.com/pulumirpc.ErrorResourceInitFailed";
    const message = clean.join("\n");
    const code = GrpcStatus.unknown;
    const details = encode(wire.RpcStatus, { code, message, details: [{ typeUrl, value }] });
    return new GrpcError(code, message, details);
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      if (error instanceof GrpcError) throw error;
      throw new GrpcError(GrpcStatus.unknown, this.#redactor.clean(textOf(error)));
    } finally {
      this.#running.delete(running);
    }
  }
}

interface Asked {
  urn: string;
  id?: string;
  olds?: Parameters<typeof fromStruct>[0];
  properties?: Parameters<typeof fromStruct>[0];
  oldInputs?: Parameters<typeof fromStruct>[0];
  news?: Parameters<typeof fromStruct>[0];
  preview?: boolean;
  timeout?: number;
}

function under(prefix: string, methods: Methods): Methods {
  return Object.fromEntries(Object.entries(methods).map(([name, one]) => [prefix + name, one]));
}

// The engine shows the value of a property that it is told, secret or not, and knows none inside of
// others: the sentence says which one it is about.
function said({ property, reason }: Failure): Failure {
  return { property: "", reason: property === "" ? reason : `${property}: ${reason}` };
}
