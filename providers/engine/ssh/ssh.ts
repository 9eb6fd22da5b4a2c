// The transport over SSH: one connection per host, shared by every call. Opens channels, counts
// them, and turns what the server answers into results; connecting is in chain.ts.
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { ClientChannel } from "ssh2";
import { FairleadError } from "../../../resources/model/errors.ts";
import { overdue, within } from "../deadline.ts";
import { ChannelStream } from "../stream/channel-stream.ts";
import { RelayStream, SessionStream } from "../stream/session-stream.ts";
import { asRoot, type Become, refuseWithoutRoot } from "../transport/become.ts";
import { collectText, feed } from "../transport/collect.ts";
import { commandLine } from "../transport/quote.ts";
import {
  type ExecOptions,
  type ExecResult,
  type Relay,
  RoundTrips,
  type Transport,
} from "../transport/transport.ts";
import { CommandWatch } from "../transport/watch.ts";
import type { OnWait } from "../waiting.ts";
import { type Chain, connectChain, type DialOptions } from "./chain.ts";
import { isRefused, notPermitted, openForward, openSession, relayError } from "./open.ts";
import { type RouteOptions, routeTo } from "./route.ts";
import { Slots } from "./slots.ts";
import type { SshSpec } from "./spec.ts";

export interface SshOptions extends RouteOptions, DialOptions, Become {
  /** For servers that forbid forwarding to sockets, and sockets that only root may open. */
  readonly relay?: Relay | undefined;
  /** Sessions open at once; the server's MaxSessions is found out when it is smaller. Default 8. */
  readonly maxSessions?: number | undefined;
  /** Milliseconds for the server's answer to the opening of a channel. Default 30000. */
  readonly openTimeoutMs?: number | undefined;
  /** Forwarded streams open at once; sshd has a descriptor for each, of 1024. Default 128. */
  readonly maxStreams?: number | undefined;
}

// MaxSessions is found out by being refused: each refusal takes one off our bound.
// Once a session was granted, a refusal only means that the server is slow to forget those before.
const MAX_REFUSALS = 12;
const MAX_REFUSALS_ONCE_GRANTED = 40;
const LONGEST_PAUSE_MS = 500;
const SLOT_MS = 30_000;
const OPEN_MS = 30_000;

/** Connects to a host; rejects with a ConnectionError that says which of four things is wrong. */
export async function connectSsh(spec: SshSpec, options: SshOptions = {}): Promise<SshTransport> {
  const hops = routeTo(spec, options);
  const chain = await connectChain(hops, { dialErrorLimit: spec.dialErrorLimit, ...options });
  return new SshTransport(`ssh://${hops.at(-1)!.name}`, chain, options);
}

export class SshTransport implements Transport {
  readonly name: string;
  readonly trips = new RoundTrips();
  readonly #chain: Chain;
  readonly #options: SshOptions;
  readonly #sessions: Slots;
  readonly #streams: Slots;
  // Found out once per connection: whether the server forwards to unix sockets for this user.
  #forwards: boolean | undefined;
  #wasGranted = false;

  constructor(name: string, chain: Chain, options: SshOptions) {
    this.name = name;
    this.#chain = chain;
    this.#options = options;
    this.#sessions = new Slots(options.maxSessions ?? 8);
    this.#streams = new Slots(options.maxStreams ?? 128);
  }

  async exec(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    // Opening, starting, and, with input, the answer to it: ssh2 sends each after the reply before.
    this.trips.add(options.stdin === undefined ? 2 : 3);
    const command = options.become ? asRoot(argv, this.#options) : { argv, prelude: "" };
    const watch = new CommandWatch(this, argv, options);
    let stream: SessionStream | undefined;
    try {
      stream = await this.#run(command.argv, watch.signal);
      const { exitCode } = stream;
      stream.onNotice(watch.noticed);
      const all = Promise.all([
        collectText(stream, watch.said),
        feed(options.stdin, stream.separateInput(), command.prelude, watch.tookInput),
      ]);
      const [[stdout], code] = await watch.during(all.then(async (said) => [said, await exitCode]));
      const result = { code, stdout, stderr: stream.notice };
      if (options.become) refuseWithoutRoot(result, this.name);
      return result;
    } catch (error) {
      if (watch.signal.aborted) stream?.kill(watch.signal.reason as Error);
      stream?.destroy();
      options.signal?.throwIfAborted();
      throw this.#chain.broken ?? error;
    } finally {
      watch.end();
    }
  }

  get streamsAtOnce(): number {
    return (this.#forwards === false ? this.#sessions : this.#streams).limit;
  }

  get onWait(): OnWait | undefined {
    return this.#options.onWait;
  }

  async openStream(socketPath: string, signal?: AbortSignal): Promise<Duplex> {
    if (this.#forwards !== false) {
      try {
        const stream = await this.#forward(socketPath, signal);
        this.#forwards = true;
        return stream;
      } catch (error) {
        // OpenSSH gives the same answer for "forbidden", "no such socket" and "not yours to open"
        // (serverloop.c), so the relay, which runs as root, has the last word.
        if (this.#chain.broken || signal?.aborted || this.#options.relay === undefined) throw error;
      }
    }
    return this.#relay(socketPath, this.#options.relay!, signal);
  }

  async close(): Promise<void> {
    this.#chain.close();
  }

  async #run(
    argv: readonly string[],
    signal: AbortSignal | undefined,
    wrap = (channel: ClientChannel) =>
      new SessionStream(channel, () => this.#chain.broken, this.name),
  ): Promise<SessionStream> {
    const line = commandLine(argv);
    for (let refusals = 0; ; refusals++) {
      const free = await this.#free(this.#sessions, signal);
      try {
        this.#usable();
        const channel = await this.#answered("starting a command", signal, (soon) =>
          openSession(this.#chain.client, line, this.name, soon),
        );
        channel.once("close", free);
        this.#wasGranted = true;
        return wrap(channel);
      } catch (error) {
        free();
        if (this.#chain.broken) throw this.#chain.broken;
        signal?.throwIfAborted();
        const most = this.#wasGranted ? MAX_REFUSALS_ONCE_GRANTED : MAX_REFUSALS;
        if (!isRefused(error) || refusals >= most) throw notPermitted(this.name, error);
        this.#sessions.shrinkTo(this.#sessions.used);
        // A session that has just ended may still be counted by the server.
        const pauseMs = Math.min(LONGEST_PAUSE_MS, 20 * (refusals + 1));
        await sleep(pauseMs, undefined, { signal });
      }
    }
  }

  async #forward(socketPath: string, signal: AbortSignal | undefined): Promise<Duplex> {
    const free = await this.#free(this.#streams, signal);
    try {
      this.#usable();
      this.trips.add(1);
      const channel = await this.#answered(`opening ${socketPath}`, signal, (soon) =>
        openForward(this.#chain.client, socketPath, soon),
      );
      channel.once("close", free);
      return new ChannelStream(channel, () => this.#chain.broken);
    } catch (error) {
      free();
      if (this.#chain.broken) throw this.#chain.broken;
      signal?.throwIfAborted();
      if (error instanceof FairleadError) throw error;
      throw new FairleadError("unavailable", `${this.name}: cannot open ${socketPath}`, {
        path: socketPath,
        cause: error,
      });
    }
  }

  async #relay(socketPath: string, relay: Relay, signal?: AbortSignal): Promise<Duplex> {
    this.trips.add(2);
    const command = asRoot(relay(socketPath), this.#options);
    const stream = await this.#run(command.argv, signal, (channel) => {
      const failed = (code: number, notice: string) =>
        relayError(this.name, socketPath, { code, notice });
      return new RelayStream(channel, () => this.#chain.broken, this.name, failed);
    });
    if (command.prelude !== "") stream.write(command.prelude);
    stream.once("answered", () => {
      this.#forwards ??= false;
    });
    return stream;
  }

  /** A slot among those that the server allows; `unavailable` when none gets free in time. */
  #free(slots: Slots, outer: AbortSignal | undefined): Promise<() => void> {
    const busy = () =>
      new FairleadError("unavailable", `${this.name}: no stream was free for 30 seconds`, {
        path: this.name,
        hint: "follow fewer logs at once, or raise MaxSessions in the host's sshd_config",
      });
    return within(SLOT_MS, busy, outer, (signal) => slots.take(signal));
  }

  /** What the server answers to the opening of a channel, when it does in time. */
  #answered<T>(
    step: string,
    outer: AbortSignal | undefined,
    open: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { openTimeoutMs = OPEN_MS } = this.#options;
    return within(openTimeoutMs, () => overdue(this.name, step, openTimeoutMs), outer, open);
  }

  #usable(): void {
    if (this.#chain.broken) throw this.#chain.broken;
  }
}
