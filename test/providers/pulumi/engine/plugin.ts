// A plugin process as the engine starts it, its calls, and what the protocol promises of answers.
import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";
import * as wire from "../../../../providers/pulumi/messages.ts";
import {
  fromStruct,
  hasUnknown,
  type PulumiObject,
  toStruct,
} from "../../../../providers/pulumi/value.ts";
import { GrpcClient } from "../../../../providers/rpc/grpc-client.ts";
import type { AnyMessage, Of, Partially } from "../../../../providers/rpc/protobuf.ts";

const STARTER = resolve("dist/pulumi-resource-fairlead");

export interface Failure {
  property: string;
  reason: string;
}

/** What a Diff says, decoded and checked against provider.proto. */
export interface Diff {
  changed: boolean;
  replaces: string[];
  deleteBeforeReplace: boolean;
  detail: Record<string, string>;
}

const KINDS = ["add", "add-replace", "delete", "delete-replace", "update", "update-replace"];

export class Plugin {
  readonly #process: ChildProcess;
  readonly #client: GrpcClient;
  stderr = "";

  private constructor(child: ChildProcess, port: string) {
    this.#process = child;
    this.#client = new GrpcClient(`127.0.0.1:${port}`, 600_000);
    child.stderr?.on("data", (chunk) => {
      this.stderr += chunk;
    });
  }

  /** `folder`: that of the project, in which the engine starts plugins. */
  static async start(engineAddress: string, folder?: string): Promise<Plugin> {
    const child = spawn(STARTER, [engineAddress], folder ? { cwd: folder } : {});
    const port = await new Promise<string>((done, fail) => {
      child.stdout.once("data", (chunk) => done(String(chunk).trim()));
      child.once("exit", (code) => fail(new Error(`the plugin ended with ${code}`)));
    });
    const plugin = new Plugin(child, port);
    await plugin.call(
      "Handshake",
      wire.HandshakeRequest,
      { engineAddress },
      wire.HandshakeResponse,
    );
    return plugin;
  }

  call<Q extends AnyMessage, A extends AnyMessage>(
    name: string,
    type: Q,
    request: Partially<Of<Q>>,
    answer: A,
  ): Promise<Of<A>> {
    return this.#client.call(`/pulumirpc.ResourceProvider/${name}`, [type, request], answer);
  }

  async configure(config: PulumiObject): Promise<Failure[]> {
    const news = toStruct(config);
    const { failures } = await this.call(
      "CheckConfig",
      wire.CheckRequest,
      { news },
      wire.CheckResponse,
    );
    if (failures.length > 0) return failures;
    await this.call("Configure", wire.ConfigureRequest, { args: news }, wire.ConfigureResponse);
    return [];
  }

  /** Checks twice: a checked input must check to itself. */
  async check(urn: string, olds: PulumiObject, news: PulumiObject, seed: Uint8Array) {
    const ask = (inputs: PulumiObject) =>
      this.call(
        "Check",
        wire.CheckRequest,
        { urn, olds: toStruct(olds), news: toStruct(inputs), randomSeed: seed },
        wire.CheckResponse,
      );
    const { inputs, failures } = await ask(news);
    const checked = fromStruct(inputs);
    if (failures.length > 0) return { inputs: checked, failures };
    const again = await ask(checked);
    const bare = ({ __defaults: _, ...rest }: PulumiObject) => JSON.stringify(toStruct(rest));
    if (bare(fromStruct(again.inputs)) !== bare(checked)) {
      throw new Error(`Check of ${urn} is not idempotent`);
    }
    return { inputs: checked, failures };
  }

  async diff(
    state: { id: string; urn: string; inputs: PulumiObject; outputs: PulumiObject },
    news: PulumiObject,
  ): Promise<Diff> {
    const { id, urn, inputs, outputs } = state;
    const answer = await this.call(
      "Diff",
      wire.DiffRequest,
      { id, urn, oldInputs: toStruct(inputs), olds: toStruct(outputs), news: toStruct(news) },
      wire.DiffResponse,
    );
    const tops = Object.keys(answer.detailedDiff).map((path) => path.split(/[.[]/)[0]!);
    const same = (a: string[], b: string[]) => {
      return JSON.stringify([...new Set(a)].sort()) === JSON.stringify([...new Set(b)].sort());
    };
    const detail = Object.fromEntries(
      Object.entries(answer.detailedDiff).map(([path, one]) => [path, KINDS[one!.kind]!]),
    );
    const replacing = Object.entries(detail).filter(([, kind]) => kind.endsWith("-replace"));
    const replacingTops = replacing.map(([path]) => path.split(/[.[]/)[0]!);
    if (!answer.hasDetailedDiff) throw new Error(`Diff of ${urn} has no detail`);
    if (!same(tops, answer.diffs)) throw new Error(`Diff of ${urn}: diffs are not the detail's`);
    if (!same(replacingTops, answer.replaces)) throw new Error(`Diff of ${urn}: replaces differ`);
    if ((answer.changes === wire.Changes.some) !== tops.length > 0) {
      throw new Error(`Diff of ${urn}: changes do not agree with the detail`);
    }
    return {
      ...{ changed: tops.length > 0, replaces: answer.replaces, detail },
      deleteBeforeReplace: answer.deleteBeforeReplace,
    };
  }

  async read(id: string, urn: string, inputs: PulumiObject, outputs: PulumiObject) {
    const given = Object.keys(inputs).length > 0;
    const answer = await this.call(
      "Read",
      wire.ReadRequest,
      { id, urn, ...(given ? { inputs: toStruct(inputs), properties: toStruct(outputs) } : {}) },
      wire.ReadResponse,
    );
    if (answer.id === "") return undefined;
    const found = fromStruct(answer.properties);
    if (hasUnknown(found)) throw new Error(`Read of ${urn} has unknowns`);
    return { id: answer.id, inputs: fromStruct(answer.inputs), outputs: found };
  }

  /** As the engine does at Ctrl-C, and at every normal end. */
  cancel(): Promise<unknown> {
    return this.call("Cancel", wire.Empty, {}, wire.Empty);
  }

  /** Cancel must answer before the process ends. */
  async end(): Promise<void> {
    await this.cancel();
    this.#client.close();
    this.#process.kill("SIGTERM");
  }
}
