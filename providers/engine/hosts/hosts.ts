// The hosts of one run: one connection each, made when first needed, shared by plan and apply, and
// all ended together. The front ends' way in.

import type { HostSpec } from "../../../resources/kinds/host/host.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { type BootstrapEvent, bootstrap } from "../bootstrap/bootstrap.ts";
import { type UninstallOptions, uninstall } from "../bootstrap/uninstall.ts";
import { DockerEngine } from "../docker-api/docker-engine.ts";
import { HttpClient } from "../docker-api/http-client.ts";
import { identityOf, NEWEST_API } from "../docker-api/identify.ts";
import type { Connect, EngineClient } from "../engine.ts";
import type { Transport } from "../transport/transport.ts";
import { openTunnel, type Tunnel, type TunnelOptions } from "../tunnel/tunnel.ts";
import type { Wait } from "../waiting.ts";
import { type AgentState, findAgent } from "./find-agent.ts";
import { type Endpoint, opened, openHost, userEndpoint } from "./open.ts";
import { VacantEngine } from "./vacant.ts";

export interface HostsOptions {
  /** Take and write down the key of a host that is not known yet. Default false. */
  readonly acceptNewHostKey?: boolean | undefined;
  /** Folder of the bundle on the hosts. Default `/opt/fairlead`. */
  readonly prefix?: string | undefined;
  /** Folder with the bundles here. Default: that of this installation. */
  readonly bundleFolder?: string | undefined;
  /** Configuration files of ssh. Default: the user's and the system's. */
  readonly configFiles?: readonly string[] | undefined;
  readonly onWarning?: ((host: string, text: string) => void) | undefined;
  /** Told of waits for a host that take longer than a second. */
  readonly onWait?: ((host: string, wait: Wait) => void) | undefined;
  readonly onBootstrap?: ((host: string, event: BootstrapEvent) => void) | undefined;
}

interface Host {
  endpoint: Endpoint;
  readonly transport: Transport;
  client: HttpClient;
  engine: EngineClient;
  agent: AgentState;
}

const NOT_KEPT =
  "systemd keeps no services of this user, so the agent is not started at boot and there are no " +
  "limits; as root: loginctl enable-linger USER, then uninstall and up again";

export class Hosts {
  readonly #options: HostsOptions;
  readonly #hosts = new Map<string, Promise<Host>>();
  readonly #installing = new Map<string, Promise<void>>();

  constructor(options: HostsOptions = {}) {
    this.#options = options;
  }

  /** Gives engines as they are: a host without an agent is seen as empty, and stays bare. */
  readonly connectReadOnly: Connect = async (name, spec, signal): Promise<EngineClient> => {
    const { agent, engine } = await this.#host(name, spec, signal);
    if (agent.is === "answering") return engine;
    if (agent.is === "vacant") {
      const machine = agent.facts?.machine ?? "x86_64";
      return new VacantEngine(name, agent.offered ?? "", NEWEST_API, machine);
    }
    // Silent is not gone: a plan for an empty host would make everything a second time.
    throw new FairleadError("unavailable", `${name}: the agent is installed and does not answer`, {
      path: name,
      hint: "fairlead up starts it again; on the host, its log tells why it ended",
    });
  };

  /** Like `connectReadOnly`, and an agent that is installed and silent is started again first. */
  readonly connectOrStart: Connect = async (name, spec, signal): Promise<EngineClient> => {
    const { agent } = await this.#host(name, spec, signal);
    return agent.is === "silent"
      ? this.connectAndInstall(name, spec, signal)
      : this.connectReadOnly(name, spec, signal);
  };

  /** Gives engines ready for work: our agent is installed or upgraded where that is needed. */
  readonly connectAndInstall: Connect = async (name, spec, signal): Promise<EngineClient> => {
    const host = await this.#host(name, spec, signal);
    if (host.agent.is === "answering" && host.agent.offered === undefined) return host.engine;
    let installing = this.#installing.get(name);
    if (installing === undefined) {
      installing = this.#install(name, spec, host, signal);
      this.#installing.set(name, installing);
      installing.catch(() => this.#installing.delete(name));
    }
    await installing;
    return host.engine;
  };

  /** The agent of a host that `connectReadOnly` or `connectAndInstall` has reached. */
  async agent(name: string): Promise<AgentState | undefined> {
    return (await this.#hosts.get(name))?.agent;
  }

  /** A local socket that leads to the engine of a host, which is closed by its taker. */
  async tunnel(name: string, spec: HostSpec, options: TunnelOptions): Promise<Tunnel> {
    const { transport, endpoint } = await this.#host(name, spec, undefined);
    return openTunnel(transport, endpoint.socket, options);
  }

  /** Takes our agent off a host again. */
  async uninstall(name: string, spec: HostSpec, options: UninstallOptions): Promise<void> {
    const { agent, endpoint, engine, transport } = await this.#host(name, spec, options.signal);
    const answering = agent.is === "answering" ? engine : undefined;
    await uninstall(transport, endpoint.layout, answering, options);
  }

  /** Round trips to all hosts so far, after the connections were made. */
  async roundTrips(): Promise<number> {
    const hosts = await Promise.allSettled(this.#hosts.values());
    return hosts.reduce((sum, host) => {
      return sum + (host.status === "fulfilled" ? host.value.transport.trips.count : 0);
    }, 0);
  }

  /** Ends all connections. Never fails. */
  async close(): Promise<void> {
    const hosts = await Promise.allSettled(this.#hosts.values());
    this.#hosts.clear();
    await Promise.all(
      hosts.map((host) => (host.status === "fulfilled" ? host.value.client.close() : undefined)),
    );
  }

  #host(name: string, spec: HostSpec, signal: AbortSignal | undefined): Promise<Host> {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const opening = this.#open(name, spec, signal);
    this.#hosts.set(name, opening);
    opening.catch(() => this.#hosts.delete(name));
    return opening;
  }

  async #open(name: string, spec: HostSpec, signal: AbortSignal | undefined): Promise<Host> {
    const { acceptNewHostKey, configFiles, onWait, onWarning, prefix } = this.#options;
    const { endpoint, transport } = await openHost(spec, prefix, {
      acceptNewHostKey,
      configFiles,
      signal,
      onWarning: (text) => onWarning?.(name, text),
      onWait: (wait) => onWait?.(name, wait),
    });
    const client = new HttpClient(name, transport, endpoint.socket);
    try {
      const agent = await findAgent(client, endpoint, {
        bundleFolder: this.#options.bundleFolder,
        signal,
      });
      return { endpoint, transport, client, engine: new DockerEngine(client), agent };
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  async #install(
    name: string,
    spec: HostSpec,
    host: Host,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (spec.rootless) {
      const { prefix } = this.#options;
      host.endpoint = await userEndpoint(host.transport, spec, { prefix, settle: true, signal });
    }
    const running = await bootstrap(host.transport, host.endpoint.layout, {
      bundleFolder: this.#options.bundleFolder,
      becomePassword: opened(spec.becomePassword),
      facts: host.agent.facts,
      signal,
      onEvent: (event) => this.#options.onBootstrap?.(name, event),
    });
    // The old connections lead to the agent that has left.
    await host.client.release();
    host.client = new HttpClient(name, host.transport, host.endpoint.socket);
    host.client.identify(identityOf(running));
    host.engine = new DockerEngine(host.client);
    if (spec.rootless) await this.#tellLimits(name, host, signal);
    host.agent = {
      is: "answering",
      running: running.version,
      offered: undefined,
      facts: undefined,
    };
  }

  /** What an agent that is not root cannot do, in its own words and ours. */
  async #tellLimits(name: string, host: Host, signal: AbortSignal | undefined): Promise<void> {
    const { user } = host.endpoint.layout;
    if (user?.hostHasSystemd && !user.manager) {
      this.#options.onWarning?.(name, NOT_KEPT);
    }
    const { warnings } = await host.engine.info(signal);
    for (const warning of warnings) this.#options.onWarning?.(name, warning);
  }
}
