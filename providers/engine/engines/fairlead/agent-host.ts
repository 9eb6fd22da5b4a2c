// A host with our agent, or one that is to get it: found, installed, upgraded, taken off again.
import type { HostSpec } from "../../../../resources/kinds/host/host.ts";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { bootstrap } from "../../bootstrap/bootstrap.ts";
import type { Layout } from "../../bootstrap/layout.ts";
import { type UninstallOptions, uninstall } from "../../bootstrap/uninstall.ts";
import type { AgentState, OpenHost, OpenOptions } from "../../connection/engine-kind.ts";
import { opened } from "../../connection/open.ts";
import { DockerEngine } from "../../docker-api/docker-engine.ts";
import { HttpClient } from "../../docker-api/http-client.ts";
import { identityOf, NEWEST_API } from "../../docker-api/identify.ts";
import type { EngineClient } from "../../engine.ts";
import type { Transport } from "../../transport/transport.ts";
import { openTunnel, type Tunnel, type TunnelOptions } from "../../tunnel/tunnel.ts";
import { openEndpoint, userLayoutOf } from "./endpoint.ts";
import { findAgent } from "./find-agent.ts";
import { VacantEngine } from "./vacant.ts";

const NOT_KEPT =
  "systemd keeps no services of this user, so the agent is not started at boot and there are no " +
  "limits; as root: loginctl enable-linger USER, then uninstall and up again";

/** Connects and looks for the agent; changes nothing there. */
export async function openAgentHost(
  name: string,
  spec: HostSpec,
  options: OpenOptions,
): Promise<OpenHost> {
  const { layout, transport } = await openEndpoint(spec, options);
  const client = new HttpClient(name, transport, layout.socket);
  try {
    const agent = await findAgent(client, layout, options);
    return new AgentHost({ name, spec, options, layout, transport, client, agent });
  } catch (error) {
    await client.close();
    throw error;
  }
}

interface Found {
  readonly name: string;
  readonly spec: HostSpec;
  readonly options: OpenOptions;
  readonly transport: Transport;
  layout: Layout;
  client: HttpClient;
  agent: AgentState;
}

class AgentHost implements OpenHost {
  readonly #found: Found;
  #engine: EngineClient;

  constructor(found: Found) {
    this.#found = found;
    this.#engine = new DockerEngine(found.client);
  }

  get agent(): AgentState {
    return this.#found.agent;
  }

  get roundTrips(): number {
    return this.#found.transport.trips.count;
  }

  readOnly(): EngineClient {
    const { agent, name } = this.#found;
    if (agent.is === "answering") return this.#engine;
    if (agent.is === "vacant") {
      const { facts, drivers, offered: version = "" } = agent;
      const machine = facts?.machine ?? "x86_64";
      return new VacantEngine(name, { version, apiVersion: NEWEST_API, machine, drivers });
    }
    // Silent is not gone: a plan for an empty host would make everything a second time.
    throw new FairleadError("unavailable", `${name}: the agent is installed and does not answer`, {
      path: name,
      hint: "fairlead up starts it again; on the host, its log tells why it ended",
    });
  }

  async install(signal: AbortSignal | undefined): Promise<void> {
    const found = this.#found;
    const { name, spec, options, transport, agent } = found;
    if (agent.is === "answering" && agent.offered === undefined) return;
    if (spec.rootless) {
      const { prefix } = options;
      found.layout = await userLayoutOf(transport, spec, { prefix, settle: true, signal });
    }
    const running = await bootstrap(transport, found.layout, {
      bundleFolder: options.bundleFolder,
      becomePassword: opened(spec.becomePassword),
      facts: agent.facts,
      signal,
      onEvent: options.onBootstrap,
    });
    // The old connections lead to the agent that has left.
    await found.client.release();
    found.client = new HttpClient(name, transport, found.layout.socket);
    found.client.identify(identityOf(running));
    this.#engine = new DockerEngine(found.client);
    if (spec.rootless) await this.#tellLimits(signal);
    const { version } = running;
    found.agent = { is: "answering", running: version, offered: undefined, facts: undefined };
  }

  tunnel(options: TunnelOptions): Promise<Tunnel> {
    return openTunnel(this.#found.transport, this.#found.layout.socket, options);
  }

  uninstall(options: UninstallOptions): Promise<void> {
    const { agent, layout, transport } = this.#found;
    const answering = agent.is === "answering" ? this.#engine : undefined;
    return uninstall(transport, layout, answering, options);
  }

  close(): Promise<void> {
    return this.#found.client.close();
  }

  /** What an agent that is not root cannot do, in its own words and ours. */
  async #tellLimits(signal: AbortSignal | undefined): Promise<void> {
    const { layout, options } = this.#found;
    if (layout.user?.hostHasSystemd && !layout.user.manager) options.onWarning(NOT_KEPT);
    const { warnings } = await this.#engine.info(signal);
    for (const warning of warnings) options.onWarning(warning);
  }
}
