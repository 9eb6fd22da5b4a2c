// The hosts of one run: one connection each, made when first needed, shared by plan and apply, and
// all ended together. The front ends' way in.
import type { HostSpec } from "../../../resources/kinds/host/host.ts";
import type { BootstrapEvent } from "../bootstrap/bootstrap.ts";
import type { UninstallOptions } from "../bootstrap/uninstall.ts";
import type { AgentState, OpenHost, OpenOptions } from "../connection/engine-kind.ts";
import type { Connect, EngineClient } from "../engine.ts";
import { engineKind } from "../engines/registry.ts";
import type { Tunnel, TunnelOptions } from "../tunnel/tunnel.ts";
import type { Wait } from "../waiting.ts";

export interface HostsOptions
  extends Omit<OpenOptions, "onWarning" | "onWait" | "onBootstrap" | "signal"> {
  readonly onWarning?: ((host: string, text: string) => void) | undefined;
  /** Told of waits for a host that take longer than a second. */
  readonly onWait?: ((host: string, wait: Wait) => void) | undefined;
  readonly onBootstrap?: ((host: string, event: BootstrapEvent) => void) | undefined;
}

export class Hosts {
  readonly #options: HostsOptions;
  readonly #hosts = new Map<string, Promise<OpenHost>>();
  readonly #installing = new Map<string, Promise<void>>();

  constructor(options: HostsOptions = {}) {
    this.#options = options;
  }

  /** Gives engines as they are: a host without an agent is seen as empty, and stays bare. */
  readonly connectReadOnly: Connect = async (name, spec, signal): Promise<EngineClient> =>
    (await this.#host(name, spec, signal)).readOnly();

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
    let installing = this.#installing.get(name);
    if (installing === undefined) {
      installing = host.install(signal);
      this.#installing.set(name, installing);
      installing.catch(() => this.#installing.delete(name));
    }
    await installing;
    return host.readOnly();
  };

  /** The agent of a host that `connectReadOnly` or `connectAndInstall` has reached. */
  async agent(name: string): Promise<AgentState | undefined> {
    return (await this.#hosts.get(name))?.agent;
  }

  /** A local socket that leads to the engine of a host, which is closed by its taker. */
  async tunnel(name: string, spec: HostSpec, options: TunnelOptions): Promise<Tunnel> {
    return (await this.#host(name, spec, undefined)).tunnel(options);
  }

  /** Takes our agent off a host again; `unsupported` where the engine is not ours. */
  async uninstall(name: string, spec: HostSpec, options: UninstallOptions): Promise<void> {
    await (await this.#host(name, spec, options.signal)).uninstall(options);
  }

  /** Round trips to all hosts so far, after the connections were made. */
  async roundTrips(): Promise<number> {
    const hosts = await Promise.allSettled(this.#hosts.values());
    return hosts.reduce((sum, host) => {
      return sum + (host.status === "fulfilled" ? host.value.roundTrips : 0);
    }, 0);
  }

  /** Ends all connections. Never fails. */
  async close(): Promise<void> {
    const hosts = await Promise.allSettled(this.#hosts.values());
    this.#hosts.clear();
    await Promise.all(
      hosts.map((host) => (host.status === "fulfilled" ? host.value.close() : undefined)),
    );
  }

  #host(name: string, spec: HostSpec, signal: AbortSignal | undefined): Promise<OpenHost> {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const { onBootstrap, onWait, onWarning, ...options } = this.#options;
    const opening = engineKind(spec.engine).open(name, spec, {
      ...options,
      signal,
      onWarning: (text) => onWarning?.(name, text),
      onWait: (wait) => onWait?.(name, wait),
      onBootstrap: (event) => onBootstrap?.(name, event),
    });
    this.#hosts.set(name, opening);
    opening.catch(() => this.#hosts.delete(name));
    return opening;
  }
}
