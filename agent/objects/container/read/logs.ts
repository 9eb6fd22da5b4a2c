// The logs of a container as a stream of Docker's frames, or raw for one with a terminal.

import { FairleadError } from "../../../../resources/model/errors.ts";
import { logDriver } from "../../../runtime/log-driver.ts";
import { logOf } from "../../../runtime/spec-shim.ts";
import { frameOf } from "../../stream/frame.ts";
import type { Container } from "../state/container.ts";
import { type LogEntry, readLog } from "./log-file.ts";

export interface LogsOptions {
  stdout: boolean;
  stderr: boolean;
  timestamps: boolean;
  follow: boolean;
  tail: number | undefined;
  since: bigint | undefined;
  until: bigint | undefined;
  signal: AbortSignal;
}

/** The chunks to send; `invalid` when neither stream is asked for or nothing is kept. */
export async function* containerLogs(
  container: Container,
  options: LogsOptions,
): AsyncGenerator<Buffer> {
  const { record, paths } = container;
  const log = logOf(record.hostConfig, paths.log);
  const tty = record.config.Tty === true;
  const entries = readLog({
    path: log.path,
    maxFiles: Math.max(log.maxFiles, 1),
    tail: options.tail,
    since: options.since,
    until: options.until,
    follow: options.follow,
    alive: () => container.running && !container.removed,
    signal: options.signal,
  });
  for await (const entry of entries) {
    if (!options[entry.stream]) continue;
    yield frame(entry, { tty, timestamps: options.timestamps });
  }
}

/** Refuses what cannot give logs, before the response has begun. */
export function checkLogs(container: Container, options: { stdout: boolean; stderr: boolean }) {
  if (!options.stdout && !options.stderr) {
    throw new FairleadError("invalid", "Bad parameters: you must choose at least one stream");
  }
  if (!logDriver(container.record.hostConfig.LogConfig?.Type).readable) {
    throw new FairleadError("unsupported", "configured logging driver does not support reading");
  }
}

function frame(entry: LogEntry, options: { tty: boolean; timestamps: boolean }): Buffer {
  const text = options.timestamps ? `${entry.time} ${entry.text}` : entry.text;
  const payload = Buffer.from(text, "utf8");
  return options.tty ? payload : frameOf(entry.stream, payload);
}
