// Shows an apply while it runs: on a terminal a line for each host and each long step, redrawn in
// place; elsewhere plain lines as things happen.
import { createLogUpdate } from "log-update";
import type { Operation } from "../../../resources/plan/operation.ts";
import { printableLine } from "../../compose/document/printable.ts";
import type { BootstrapEvent } from "../../engine/bootstrap/bootstrap.ts";
import type { ProgressEvent } from "../../engine/report/progress.ts";
import { eventLines, type ServiceOf, seconds, stepText, subjectText } from "./progress-text.ts";
import type { Screen } from "./screen.ts";

const REDRAW_MS = 80;
const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
/** Operations of a host that are named while they run. */
const SHOWN = 4;
/** In plain output a long step tells of itself this often. */
const STEP_EVERY_MS = 5_000;

export interface ProgressView {
  readonly onEvent: (event: ProgressEvent) => void;
  readonly onBootstrap: (host: string, event: BootstrapEvent) => void;
  /** Leaves the screen to others. */
  close(): void;
}

/** `plain` tells every step of a build and what it writes, `quiet` only what was done. */
export type ProgressKind = "auto" | "plain" | "quiet";

/** The display that fits where standard error goes; lines of JSON with --json. */
export function progressView(
  screen: Screen,
  serviceOf: ServiceOf,
  kind: ProgressKind = "auto",
): ProgressView {
  if (screen.json) return jsonProgress(screen);
  if (screen.isLive && kind === "auto") return new LiveProgress(screen, serviceOf);
  return new PlainProgress(screen, serviceOf, kind);
}

/** What was done and what failed, a value a line; steps in between only matter to who watches. */
function jsonProgress(screen: Screen): ProgressView {
  const onEvent = (event: ProgressEvent): void => {
    if (event.type === "step") return;
    const { type, operation, ...more } = event;
    screen.errorValue({ event: type, operation: operation.id, ...more });
  };
  return { onEvent, onBootstrap: () => {}, close: () => {} };
}

class PlainProgress implements ProgressView {
  readonly #screen: Screen;
  readonly #serviceOf: ServiceOf;
  readonly #kind: ProgressKind;
  readonly #told = new Map<string, number>();

  constructor(screen: Screen, serviceOf: ServiceOf, kind: ProgressKind) {
    this.#screen = screen;
    this.#serviceOf = serviceOf;
    this.#kind = kind;
  }

  readonly onEvent = (event: ProgressEvent): void => {
    const lines = eventLines(event, this.#screen.errorColors, this.#serviceOf);
    for (const line of lines) this.#screen.note(line);
    if (event.type !== "step" || this.#kind === "quiet") return;
    if (isStepOfBuild(event) && (this.#kind === "plain" || BUILD_STATES.has(event.text))) {
      this.#screen.note(`  ${subjectText(event.operation)} ${stepText(event)}`);
      return;
    }
    const key = `${event.operation.id} ${event.subject}`;
    const now = Date.now();
    const last = this.#told.get(key);
    this.#told.set(key, last ?? now);
    if (last === undefined || now - last < STEP_EVERY_MS) return;
    this.#told.set(key, now);
    this.#screen.note(`  ${subjectText(event.operation)} ${stepText(event)}`);
  };

  readonly onBootstrap = (host: string, event: BootstrapEvent): void => {
    const line = bootstrapLine(host, event);
    if (line !== undefined && event.type !== "upload") this.#screen.note(line);
  };

  close(): void {}
}

/** What a step of a build is told with when it begins, and when it need not be done. */
const BUILD_STATES = new Set(["", "cached", "failed"]);

function isStepOfBuild(event: Extract<ProgressEvent, { type: "step" }>): boolean {
  return event.operation.action === "build" && event.doneBytes === undefined;
}

interface Running {
  operation: Operation;
  startedAt: number;
  steps: Map<string, string>;
}

class LiveProgress implements ProgressView {
  readonly #screen: Screen;
  readonly #serviceOf: ServiceOf;
  readonly #draw: ReturnType<typeof createLogUpdate>;
  readonly #timer: NodeJS.Timeout;
  readonly #running = new Map<string, Running>();
  readonly #bootstraps = new Map<string, string>();
  #frame = 0;
  #closed = false;

  constructor(screen: Screen, serviceOf: ServiceOf) {
    this.#screen = screen;
    this.#serviceOf = serviceOf;
    this.#draw = createLogUpdate(screen.stderr);
    this.#timer = setInterval(() => this.#redraw(), REDRAW_MS);
    this.#timer.unref();
  }

  readonly onEvent = (event: ProgressEvent): void => {
    const { operation } = event;
    if (event.type === "started") {
      this.#running.set(operation.id, { operation, startedAt: Date.now(), steps: new Map() });
    } else if (event.type === "step") {
      this.#running.get(operation.id)?.steps.set(event.subject, stepText(event));
    } else {
      if (event.type !== "rolledBack") this.#running.delete(operation.id);
      this.#above(eventLines(event, this.#screen.errorColors, this.#serviceOf));
    }
  };

  readonly onBootstrap = (host: string, event: BootstrapEvent): void => {
    const line = bootstrapLine(host, event);
    if (event.type === "answering") {
      this.#bootstraps.delete(host);
      if (line !== undefined) this.#above([line]);
    } else if (line !== undefined) {
      this.#bootstraps.set(host, line);
    }
  };

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#draw.clear();
    this.#draw.done();
  }

  /** Lines that stay, above those that are redrawn. */
  #above(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#draw.clear();
    for (const line of lines) this.#screen.note(line);
    this.#redraw();
  }

  #redraw(): void {
    this.#frame += 1;
    const spinner = this.#screen.errorColors.cyan(SPINNER[this.#frame % SPINNER.length] ?? "");
    const lines = [...this.#bootstraps.values()].map((line) => `${spinner} ${line}`);
    for (const [host, running] of byHost(this.#running.values())) {
      const busy = running.map(({ operation }) => `${operation.action} ${operation.name}`);
      const oldest = Math.min(...running.map(({ startedAt }) => startedAt));
      const since = this.#screen.errorColors.dim(seconds(Date.now() - oldest));
      const rest = busy.length > SHOWN ? ` and ${busy.length - SHOWN} more` : "";
      const names = `${busy.slice(0, SHOWN).join(", ")}${rest}`;
      lines.push(`${spinner} ${printableLine(`${host}   ${names}`)} ${since}`);
      for (const { operation, steps } of running) {
        for (const text of [...steps.values()].slice(-4)) {
          lines.push(`    ${printableLine(operation.name)}: ${text}`);
        }
      }
    }
    const height = Math.max(3, (this.#screen.stderr.rows ?? 24) - 1);
    this.#draw(lines.slice(0, height).join("\n"));
  }
}

function byHost(all: Iterable<Running>): Map<string, Running[]> {
  const hosts = new Map<string, Running[]>();
  for (const one of all) {
    const { host } = one.operation;
    hosts.set(host, [...(hosts.get(host) ?? []), one]);
  }
  return hosts;
}

function bootstrapLine(host: string, event: BootstrapEvent): string | undefined {
  const name = printableLine(host);
  switch (event.type) {
    case "probed":
      return `${name} is a ${printableLine(event.facts.machine)} host; installing the agent`;
    case "upload": {
      const { part, doneBytes, totalBytes } = event;
      const done = totalBytes === 0 ? 100 : Math.floor((doneBytes / totalBytes) * 100);
      return `${name} sending ${printableLine(part)} ${done}%`;
    }
    case "step":
      return `${name} ${printableLine(event.text)}`;
    case "installed":
      return `${name} agent ${printableLine(event.version)} installed`;
    case "answering":
      return `${name} agent ${printableLine(event.version)} answers`;
  }
}
