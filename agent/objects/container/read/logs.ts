// The logs of a container as a stream of Docker's frames, or raw for one with a terminal.

import { FairleadError } from "../../../../resources/model/errors.ts";
import { logDriver } from "../../../logs/drivers/registry.ts";
import type { LogEntry } from "../../../logs/file/follower.ts";
import { type LogRequest, readLog } from "../../../logs/file/read.ts";
import { logSettings } from "../../../logs/settings.ts";
import { frameOf } from "../../stream/frame.ts";
import { unixNano } from "../../time.ts";
import type { Container } from "../state/container.ts";
import { logConfig, logSource } from "../state/log.ts";

export interface LogsOptions {
  stdout: boolean;
  stderr: boolean;
  timestamps: boolean;
  /** What the options labels, env and tag put beside each line. */
  details: boolean;
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
  const log = logSettings(logConfig(record), paths.log, logSource(record));
  const tty = record.config.Tty === true;
  const entries = readLog({
    path: log.path,
    maxFiles: Math.max(log.maxFiles, 1),
    tail: options.tail,
    ...range(options),
    follow: options.follow,
    alive: () => container.running && !container.removed,
    signal: options.signal,
  });
  for await (const entry of entries) {
    if (!options[entry.stream]) continue;
    yield frame(entry, { tty, timestamps: options.timestamps, details: options.details });
  }
}

function range({ since, until }: LogsOptions): Pick<LogRequest, "place" | "over"> {
  return {
    place: (text) => {
      const time = unixNano(text);
      if (since !== undefined && time < since) return "before";
      return until !== undefined && time > until ? "after" : "wanted";
    },
    over: () => until !== undefined && BigInt(Date.now()) * 1_000_000n > until,
  };
}

/** Refuses what cannot give logs, before the response has begun. */
export function checkLogs(container: Container, options: { stdout: boolean; stderr: boolean }) {
  if (!options.stdout && !options.stderr) {
    throw new FairleadError("invalid", "Bad parameters: you must choose at least one stream");
  }
  const { driver, options: given } = logConfig(container.record);
  if (!logDriver(driver).readable(given)) {
    throw new FairleadError("unsupported", "configured logging driver does not support reading");
  }
}

interface Form {
  tty: boolean;
  timestamps: boolean;
  details: boolean;
}

function frame(entry: LogEntry, options: Form): Buffer {
  const details = options.details ? `${detailsOf(entry)} ` : "";
  const time = options.timestamps ? `${entry.time} ` : "";
  const text = `${time}${details}${entry.text}`;
  const payload = Buffer.from(text, "utf8");
  return options.tty ? payload : frameOf(entry.stream, payload);
}

/** `NAME=VALUE,…` by name, each as Go's url.QueryEscape writes it. */
function detailsOf({ attributes = {} }: LogEntry): string {
  return Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map((pair) => pair.map(queryEscape).join("="))
    .join(",");
}

function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
}
