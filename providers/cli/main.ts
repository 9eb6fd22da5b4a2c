#!/usr/bin/env node
// The fairlead command: reads the arguments, runs one command, and ends with its exit code.
import { type Command, CommanderError } from "commander";
import { pulumiCommand } from "../pulumi/setup/command.ts";
import { terraformCommand } from "../terraform/setup/command.ts";
import { program, type Run } from "./program.ts";
import { tellFailure } from "./screen/failure.ts";
import { Screen } from "./screen/screen.ts";
import { Session } from "./session/session.ts";
import { VERSION } from "./session/version.ts";

const interrupted = new AbortController();
let asked = 0;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    asked += 1;
    // Once: what runs ends in order. Twice: at once.
    if (asked > 1) process.exit(130);
    interrupted.abort();
  });
}
// The reader of our output has gone: `fairlead logs | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 0 : 1);
});

const run: Run = {
  files: (options, action) => carriedOut(new Session(options, interrupted.signal), action),
  hosts: async (options, action) => {
    const { HostSession } = await import("./session/host-session.ts");
    await carriedOut(new HostSession(options, interrupted.signal), action);
  },
};

async function carriedOut<One extends Session>(
  session: One,
  action: (session: One) => unknown,
): Promise<void> {
  try {
    await action(session);
  } catch (error) {
    process.exitCode = tellFailure(session.screen, error, interrupted.signal.aborted);
  } finally {
    await session.close();
  }
}

const inJson = process.argv.includes("--json");

/** What commander says of wrong arguments, as JSON where that was asked for. */
function tellUsage(command: Command): void {
  command.exitOverride();
  if (!inJson) return;
  command.showHelpAfterError(false).configureOutput({
    outputError: (text) => {
      const message = text.trim().replace(/^error: /, "");
      process.stderr.write(`${JSON.stringify({ error: { code: "invalid", message } })}\n`);
    },
  });
}

try {
  const command = program(run)
    .addCommand(terraformCommand(VERSION))
    .addCommand(pulumiCommand(VERSION));
  for (const one of [
    command,
    ...command.commands,
    ...command.commands.flatMap((c) => c.commands),
  ]) {
    tellUsage(one);
  }
  await command.parseAsync();
} catch (error) {
  // commander has said what is wrong; help and version are no errors.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 1;
  else process.exitCode = tellFailure(new Screen({ color: true, json: inJson }), error, false);
}
