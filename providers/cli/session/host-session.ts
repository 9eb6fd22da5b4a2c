// A run of the command that has to do with hosts: the stack a project declares, and the
// connections, made when first needed and ended at the end.

import { type HostSpec, host as hostType } from "../../../resources/kinds/host/host.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { check } from "../../../resources/model/schema.ts";
import { parseDuration } from "../../../resources/model/units.ts";
import { printableLine } from "../../compose/document/printable.ts";
import type { Project } from "../../compose/model/load.ts";
import { nearestName } from "../../compose/schema/shape.ts";
import { type Translated, translate } from "../../compose/translate/translate.ts";
import type { BootstrapEvent } from "../../engine/bootstrap/bootstrap.ts";
import type { EngineClient } from "../../engine/engine.ts";
import { Hosts } from "../../engine/hosts/hosts.ts";
import type { Wait } from "../../engine/waiting.ts";
import { seconds } from "../screen/progress-text.ts";
import { Session } from "./session.ts";

/** Options of one command, as commander names them. */
export type Flags = Readonly<Record<string, unknown>>;

export interface Loaded extends Translated {
  project: Project;
}

export class HostSession extends Session {
  #hosts: Hosts | undefined;
  /** Told how a host gets its agent; set while a display runs. */
  onBootstrap: (host: string, event: BootstrapEvent) => void = () => {};

  /** Whether a display runs that shows what is under way. */
  isShown = false;

  get hosts(): Hosts {
    this.#hosts ??= new Hosts({
      acceptNewHostKey: this.options.acceptNewHostKey,
      onWarning: (host, text) => this.screen.warn(`${host}: ${text}`),
      onWait: (host, wait) => this.#tellWait(host, wait),
      onBootstrap: (host, event) => this.onBootstrap(host, event),
    });
    return this.#hosts;
  }

  /** The project and the stack it declares; `warns` when what the files warn of matters. */
  load(services: readonly string[] = [], warns = false, scale: readonly string[] = []): Loaded {
    const project = this.project({ enabled: services }, warns);
    setScale(project, scale);
    for (const name of services) {
      if (Object.hasOwn(project.model.services, name)) continue;
      throw unknownService(name, Object.keys(project.model.services));
    }
    const translated = translate(project, {}, { deliversFiles: true });
    if (warns) for (const warning of translated.warnings) this.screen.warn(warning);
    const { stack } = translated;
    this.#checkHosts(Object.keys(stack.hosts));
    const hosts = Object.fromEntries(
      Object.entries(stack.hosts).map(([name, spec]) => [name, this.#reached(spec)]),
    );
    return { ...translated, stack: { ...stack, hosts }, project };
  }

  /** The names of the hosts to work on. */
  chosen(all: readonly string[]): string[] {
    const { host } = this.options;
    return host === undefined ? [...all] : all.filter((name) => host.includes(name));
  }

  /** The engine of a host as it is; nothing is installed. */
  engine(name: string, spec: HostSpec): Promise<EngineClient> {
    return this.hosts.connectReadOnly(name, spec, this.signal);
  }

  /** The same; `not_found` while no agent is there. */
  async presentEngine(name: string, spec: HostSpec): Promise<EngineClient> {
    const engine = await this.engine(name, spec);
    if (engine.isVacant !== true) return engine;
    throw new FairleadError("not_found", `${name}: the agent is not installed`, {
      path: name,
      hint: "fairlead up installs it",
    });
  }

  /** A host by its name in the project, or by an address when no project declares it. */
  hostSpec(name: string, declared: Readonly<Record<string, HostSpec>>): HostSpec {
    const known = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (known !== undefined) return known;
    if (name === "local" || name.includes("://") || name.includes("@")) {
      return this.#reached(check(hostType, name, ["host"]));
    }
    const near = nearestName(name, Object.keys(declared));
    throw new FairleadError("not_found", `no host ${name} in x-fairlead.hosts`, {
      hint:
        near === undefined
          ? "Name a declared host, or an ssh:// address."
          : `Did you mean ${near}?`,
    });
  }

  override async close(): Promise<void> {
    await this.#hosts?.close();
  }

  // A display of its own says what it waits for.
  #tellWait(host: string, { what, elapsedMs }: Wait): void {
    if (this.isShown) return;
    const { screen } = this;
    if (screen.json) screen.errorValue({ wait: { host, what, elapsedMs } });
    else screen.note(printableLine(`${host}: ${what}, ${seconds(elapsedMs)}`));
  }

  #checkHosts(known: readonly string[]): void {
    for (const name of this.options.host ?? []) {
      if (known.includes(name)) continue;
      throw new FairleadError("not_found", `no host ${name} in x-fairlead.hosts`, {
        hint: `There are ${known.join(", ")}.`,
      });
    }
  }

  /** The host with the command's own limits of connecting. */
  #reached(spec: HostSpec): HostSpec {
    const { connectTimeout } = this.options;
    if (connectTimeout === undefined) return spec;
    const perDialTimeout = parseDuration(connectTimeout);
    if (perDialTimeout === undefined || perDialTimeout === 0) {
      throw new FairleadError("invalid", `${connectTimeout} is not a duration`, {
        path: "--connect-timeout",
        hint: "Write 10s or 500ms.",
      });
    }
    return { ...spec, perDialTimeout, dialErrorLimit: 1 };
  }
}

/** The error for a service that a project lacks. */
export function unknownService(name: string, known: readonly string[]): FairleadError {
  const near = nearestName(name, known);
  return new FairleadError("not_found", `no service ${name} in this project`, {
    hint: near === undefined ? `There are ${known.join(", ")}.` : `Did you mean ${near}?`,
  });
}

/** Other numbers of containers than the files say: `web=3`. */
function setScale({ model }: Project, scale: readonly string[]): void {
  for (const text of scale) {
    const [, name = "", count = ""] = /^([^=]+)=(\d{1,9})$/.exec(text) ?? [];
    const service = Object.hasOwn(model.services, name) ? model.services[name] : undefined;
    if (name === "") {
      throw new FairleadError("invalid", `${text} is not SERVICE=NUMBER`, { path: "--scale" });
    }
    if (service === undefined) throw unknownService(name, Object.keys(model.services));
    service.scale = Number(count);
    if (service.deploy !== undefined)
      service.deploy = { ...service.deploy, replicas: Number(count) };
  }
}
