// A client of an engine that answers from a table, and remembers what it was asked.
import { Readable } from "node:stream";
import type {
  DockerClient,
  EngineAnswer,
  EngineRequest,
} from "../../../providers/engine/docker-api/client.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { ALL_CAPABILITIES, NO_CAPABILITIES } from "../../../resources/plan/observed.ts";

type Answer = unknown | ((request: EngineRequest, body: Buffer) => unknown);

export class FakeClient implements DockerClient {
  readonly host = "fake";
  readonly streamsAtOnce = 128;
  readonly engine: string;
  readonly can: DockerClient["can"];
  readonly apiVersion = "1.51";
  readonly version = "1";
  readonly asked: string[] = [];
  readonly answers: Record<string, Answer>;

  /** `answers` by `METHOD /path`; a function gets the request and its body. */
  constructor(answers: Record<string, Answer>, engine = "fairlead") {
    this.answers = answers;
    this.engine = engine;
    this.can = engine === "fairlead" ? ALL_CAPABILITIES : NO_CAPABILITIES;
  }

  async json<T>(request: EngineRequest): Promise<T> {
    return (await this.#answer(request)) as T;
  }

  async stream(request: EngineRequest): Promise<EngineAnswer> {
    const answer = await this.#answer(request);
    if (typeof answer === "object" && answer !== null && "headers" in answer) {
      const { headers, status = 200 } = answer as {
        headers: Record<string, string>;
        status?: number;
      };
      return { status, headers, body: Readable.from([]) };
    }
    const text = typeof answer === "string" ? answer : JSON.stringify(answer ?? {});
    return { status: 200, headers: {}, body: Readable.from([Buffer.from(text)]) };
  }

  async hijack(): Promise<never> {
    throw new FairleadError("unsupported", "nothing is taken over here");
  }

  async #answer(request: EngineRequest): Promise<unknown> {
    const key = `${request.method} ${request.path}`;
    this.asked.push(key);
    const body = Buffer.concat(
      request.body instanceof Readable ? await request.body.map(Buffer.from).toArray() : [],
    );
    const answer = this.answers[key];
    if (answer === undefined) throw new FairleadError("not_found", `no answer for ${key}`);
    return typeof answer === "function" ? answer(request, body) : answer;
  }
}
