// The client of one host's engine: requests, streams and hijacked connections over one transport.
// Knows HTTP and the Engine API's conventions, and no container.
import { addAbortSignal, type Duplex, type Readable } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Dispatcher } from "undici";
import { FairleadError } from "../../../resources/model/errors.ts";
import type { EngineCapabilities } from "../../../resources/plan/observed.ts";
import { overdue, within } from "../deadline.ts";
import type { Transport } from "../transport/transport.ts";
import { type OnWait, Waiting } from "../waiting.ts";
import type { DockerClient, EngineAnswer, EngineIdentity, EngineRequest } from "./client.ts";
import { openSocket, poolOver } from "./connector.ts";
import { brokenRequest, refusal, stepOf } from "./failure.ts";
import { hijack } from "./hijack.ts";
import { payloadOf, targetOf } from "./path.ts";

const IDLE_TIMEOUT_MS = 60_000;
/** Beyond the time without a byte: a host that sends one now and then is given up as well. */
const LIMIT_MS = 300_000;
const MAX_JSON_BYTES = 256 * 1024 * 1024;

export class HttpClient implements DockerClient {
  readonly host: string;
  readonly transport: Transport;
  readonly socketPath: string;
  readonly #pool: Dispatcher;
  #identity: EngineIdentity | undefined;

  constructor(host: string, transport: Transport, socketPath: string) {
    this.host = host;
    this.transport = transport;
    this.socketPath = socketPath;
    this.#pool = poolOver(transport, socketPath);
  }

  get can(): EngineCapabilities {
    return this.#known().can;
  }

  get engine(): string {
    return this.#known().engine;
  }

  get version(): string {
    return this.#known().version;
  }

  get apiVersion(): string {
    return this.#known().apiVersion;
  }

  get addressDrivers(): readonly string[] | undefined {
    return this.#known().addressDrivers;
  }

  get streamsAtOnce(): number {
    return this.transport.streamsAtOnce;
  }

  get onWait(): OnWait | undefined {
    return this.transport.onWait;
  }

  /** Says which engine answers; from then on requests carry its API version. */
  identify(identity: EngineIdentity): void {
    this.#identity = identity;
  }

  async json<T>(request: EngineRequest): Promise<T> {
    const idleMs = request.idleTimeoutMs ?? IDLE_TIMEOUT_MS;
    const late = () => overdue(this.host, stepOf(request), idleMs + LIMIT_MS);
    const waiting = new Waiting(stepOf(request), this.transport.onWait);
    try {
      return await within(idleMs + LIMIT_MS, late, request.signal, (signal) =>
        this.#json({ ...request, signal }),
      );
    } finally {
      waiting.end();
    }
  }

  async #json<T>(request: EngineRequest): Promise<T> {
    const { status, body } = await this.stream(request);
    const text = await this.#text(body, request);
    if (status === 204 || status === 304 || text === "") return undefined as T;
    try {
      return JSON.parse(text) as T;
    } catch (cause) {
      throw new FairleadError("internal", `${this.host}: the engine did not answer in JSON`, {
        path: request.path,
        cause,
      });
    }
  }

  async stream(request: EngineRequest): Promise<EngineAnswer> {
    const payload = payloadOf(request);
    const idleMs = request.idleTimeoutMs ?? IDLE_TIMEOUT_MS;
    // undici gives a connection back one turn of the event loop after its answer ended; without
    // this pause a sequence of requests would open a second one, which costs a round trip.
    await nextTurn();
    this.transport.trips.add(1);
    let answer: Dispatcher.ResponseData;
    try {
      answer = await this.#pool.request({
        method: request.method,
        path: targetOf(request, this.#identity?.apiVersion),
        headers: payload.headers,
        body: (payload.body ?? null) as string | Buffer | Readable | null,
        headersTimeout: idleMs,
        bodyTimeout: idleMs,
        ...(request.signal ? { signal: request.signal } : {}),
      });
    } catch (error) {
      throw brokenRequest(this.host, error, request);
    }
    if (answer.statusCode >= 400) throw await refusal(this.host, answer.statusCode, answer.body);
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [
        name,
        [value ?? ""].flat().join(", "),
      ]),
    );
    return { status: answer.statusCode, headers, body: answer.body };
  }

  /** Attach and exec: the raw stream behind a request that switches protocols. */
  async hijack(request: EngineRequest): Promise<Duplex> {
    const { body, headers } = payloadOf(request);
    if (body !== undefined && typeof body !== "string") {
      throw new FairleadError("invalid", "a hijacked request has a JSON body or none");
    }
    const socket = await openSocket(this.transport, this.socketPath, request.signal);
    this.transport.trips.add(1);
    const late = () => overdue(this.host, stepOf(request), IDLE_TIMEOUT_MS);
    const stream = await within(IDLE_TIMEOUT_MS, late, request.signal, (signal) =>
      hijack(this.host, socket, {
        method: request.method === "GET" ? "GET" : "POST",
        target: targetOf(request, this.#identity?.apiVersion),
        headers,
        body,
        request: { ...request, signal },
      }),
    );
    if (request.signal) addAbortSignal(request.signal, stream);
    return stream;
  }

  /** Ends this client's connections and leaves the transport to others. Never fails. */
  async release(): Promise<void> {
    await this.#pool.destroy().catch(() => {});
  }

  /** Ends the client and the transport under it. Never fails. */
  async close(): Promise<void> {
    // The transport first: it takes all its streams along, and none says goodbye by itself.
    await this.transport.close();
    await this.release();
  }

  #known(): EngineIdentity {
    if (this.#identity !== undefined) return this.#identity;
    throw new FairleadError("internal", `${this.host}: the engine was asked before it was known`);
  }

  async #text(body: Readable, request: EngineRequest): Promise<string> {
    const chunks: Buffer[] = [];
    let total = 0;
    try {
      for await (const chunk of body) {
        total += chunk.length;
        if (total > MAX_JSON_BYTES) {
          throw new FairleadError("internal", `${this.host}: an answer of more than 256 MiB`);
        }
        chunks.push(chunk as Buffer);
      }
    } catch (error) {
      throw brokenRequest(this.host, error, request);
    }
    return Buffer.concat(chunks).toString("utf8");
  }
}
