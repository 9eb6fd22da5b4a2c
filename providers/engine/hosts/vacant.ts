// The engine of a host that has no agent yet: it holds nothing, and nothing can be made there. With
// it a plan is worked out for a bare host without touching it.
import { Readable } from "node:stream";
import { FairleadError } from "../../../resources/model/errors.ts";
import { ALL_CAPABILITIES } from "../../../resources/plan/observed.ts";
import type { MissingBlobsRequest, ObserveAnswer } from "../../../resources/wire.ts";
import type { EngineAnswer, EngineClient, EngineRequest } from "../engine.ts";

const NOTHING: ObserveAnswer = {
  containers: [],
  networks: [],
  volumes: [],
  images: {},
  heldPorts: [],
};

// Go's names of architectures, which images use.
const ARCHITECTURES: Record<string, string> = { x86_64: "amd64", aarch64: "arm64", armv7l: "arm" };

export class VacantEngine implements EngineClient {
  readonly host: string;
  readonly engine = "fairlead";
  readonly isVacant = true;
  readonly can = ALL_CAPABILITIES;
  readonly streamsAtOnce = 1;
  readonly version: string;
  readonly apiVersion: string;

  readonly #machine: string;

  /**
   * `version` and `apiVersion` are those of the agent that an apply would install; `machine` is
   * what `uname -m` says there.
   */
  constructor(host: string, version: string, apiVersion: string, machine: string) {
    this.host = host;
    this.version = version;
    this.apiVersion = apiVersion;
    this.#machine = machine;
  }

  async json<T>(request: EngineRequest): Promise<T> {
    return this.#answer(request) as T;
  }

  async stream(request: EngineRequest): Promise<EngineAnswer> {
    const body = Readable.from([JSON.stringify(this.#answer(request))]);
    return { status: 200, headers: { "content-type": "application/json" }, body };
  }

  #answer({ method, path, body }: EngineRequest): unknown {
    if (path === "/fairlead/observe") return NOTHING;
    if (path === "/fairlead/blobs/missing") {
      return { missing: (body as MissingBlobsRequest).digests };
    }
    if (path === "/version") {
      const Arch = ARCHITECTURES[this.#machine] ?? this.#machine;
      return { Os: "linux", Arch, Version: this.version, ApiVersion: this.apiVersion };
    }
    if (method === "GET" && /^\/(containers|images)\/json$/.test(path)) return [];
    if (method === "GET" && path === "/networks") return [];
    if (method === "GET" && path === "/volumes") return { Volumes: [], Warnings: [] };
    if (method === "GET" || method === "HEAD") {
      throw new FairleadError("not_found", `${this.host}: nothing is there yet`, { path });
    }
    throw new FairleadError("unavailable", `${this.host}: the agent is not installed`, {
      path: this.host,
      hint: "fairlead up installs it",
    });
  }
}
