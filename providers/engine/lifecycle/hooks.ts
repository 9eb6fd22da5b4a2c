// Runs the hooks of a container in it: after it has started, and before it is stopped. As with
// Compose a hook that fails fails what it belongs to, with the end of what it wrote. What has just
// been started is stopped then: left running, the next run would take it for well.
import type { ContainerSpec } from "../../../resources/kinds/container/container.ts";
import type { Hook } from "../../../resources/kinds/container/hook.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { reveal } from "../../../resources/model/secret.ts";
import { overdue, within } from "../deadline.ts";
import type { EngineClient } from "../engine.ts";
import { printable } from "../report/printable.ts";
import { specOf, type Task } from "./task.ts";

/** As long as a container has to become healthy, when it says nothing of that. */
const HOOK_MS = 300_000;
const LONGEST_OUTPUT = 64 * 1024;
const LAST_LINES = 10;

const NAMES = { postStart: "post-start", preStop: "pre-stop" } as const;

type When = keyof typeof NAMES;

/** A container as its hooks need it. */
export interface Hooked {
  engine: EngineClient;
  id: string;
  /** As the project names it. */
  name: string;
  spec: Pick<ContainerSpec, When | "healthTimeout" | "stopGracePeriod">;
  signal?: AbortSignal | undefined;
}

/** Runs them one after the other; the declaration says which, also when the container goes down. */
export async function runHooks(task: Task, id: string, when: When): Promise<void> {
  if (task.resource === undefined) return;
  const { engine, signal, operation } = task;
  await runHooksIn(
    { engine, id, name: operation.name, spec: specOf(task, "container"), signal },
    when,
  );
}

/** The same of a container that no plan has an operation for. */
export async function runHooksIn(hooked: Hooked, when: When): Promise<void> {
  const { engine, id, spec } = hooked;
  try {
    for (const hook of spec[when] ?? []) await runWithin(hooked, hook, when);
  } catch (error) {
    const graceMs = spec.stopGracePeriod;
    // Also after Ctrl-C, so without the signal; the hook's own error says what went wrong.
    if (when === "postStart") await engine.containers.stop(id, { graceMs }).catch(() => undefined);
    throw error;
  }
}

async function runWithin(hooked: Hooked, hook: Hook, when: When): Promise<void> {
  const { healthTimeout = HOOK_MS } = hooked.spec;
  const name = `the ${NAMES[when]} hook ${JSON.stringify(hook.command.join(" ").slice(0, 100))}`;
  const late = () => overdue(hooked.engine.host, `${name} of ${hooked.name} runs`, healthTimeout);
  await within(healthTimeout, late, hooked.signal, (signal) =>
    runHook(hooked, { hook, name, signal }),
  );
}

interface Run {
  hook: Hook;
  name: string;
  signal: AbortSignal;
}

async function runHook({ engine, id }: Hooked, { hook, name, signal }: Run): Promise<void> {
  const { command: argv, user, privileged = false, workingDir: workdir, env = {} } = hook;
  const variables = Object.entries(env).map(([key, value]) => `${key}=${reveal(value)}`);
  const command = { argv, user, privileged, workdir, env: variables };
  const running = await engine.containers.exec(id, command, signal);
  running.input.end();
  let written = "";
  for await (const { bytes } of running.output) {
    written = (written + bytes.toString("utf8")).slice(-LONGEST_OUTPUT);
  }
  const code = await running.exitCode();
  if (code === 0) return;
  const lines = printable(written).trimEnd().split("\n").slice(-LAST_LINES);
  const said = lines.join("\n") === "" ? "" : `:\n${lines.join("\n")}`;
  throw new FairleadError("internal", `${name} ended with exit code ${code}${said}`, {
    path: engine.host,
    hint: "Mend the command, or take the hook out.",
  });
}
