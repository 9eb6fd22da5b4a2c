// Lines as entries of systemd's journal, in its native protocol, with the fields of moby's driver.
import { existsSync } from "node:fs";
import { extraAttributes } from "../driver/attributes.ts";
import type { LogHost, LogLine, LogOptions, LogReceiver, LogSource } from "../driver/driver.ts";
import { sendingDriver } from "../driver/sending.ts";
import { logTag } from "../driver/tag.ts";
import { datagramReceiver } from "../transport/datagram.ts";

const SOCKET = "/run/systemd/journal/socket";
const PRIORITY = { stdout: "6", stderr: "3" };

export const journald = sendingDriver({
  name: "journald",
  options: [],
  missing: () => (existsSync(SOCKET) ? undefined : "journald is not enabled on this host"),
  receiver,
});

function receiver(options: LogOptions, source: LogSource, host: LogHost): LogReceiver {
  return datagramReceiver({ paths: [SOCKET], encode: journalEncoder(options, source), host });
}

/** The datagram of a line. */
export function journalEncoder(options: LogOptions, source: LogSource): (line: LogLine) => Buffer {
  const tag = logTag(options, source);
  const extra = Object.entries(extraAttributes(options, source));
  const fixed = [
    ...extra.map(([key, value]): [string, string] => [fieldName(key), value]),
    ["CONTAINER_ID", source.id.slice(0, 12)],
    ["CONTAINER_ID_FULL", source.id],
    ["CONTAINER_NAME", source.name],
    ["CONTAINER_TAG", tag],
    ["IMAGE_NAME", source.imageName],
    ["SYSLOG_IDENTIFIER", tag],
  ].filter((field): field is [string, string] => field[0] !== "");
  return ({ stream, text, time, part }) => {
    const fields: [string, string][] = [
      ...fixed,
      ["PRIORITY", PRIORITY[stream]],
      ["SYSLOG_TIMESTAMP", time],
      ...(part ? partFields(part) : []),
      ["MESSAGE", text],
    ];
    return Buffer.concat(fields.map(([name, value]) => field(name, value)));
  };
}

function partFields({ id, ordinal, last }: Required<LogLine>["part"]): [string, string][] {
  return [
    ...(last ? [] : [["CONTAINER_PARTIAL_MESSAGE", "true"] as [string, string]]),
    ["CONTAINER_PARTIAL_ID", id],
    ["CONTAINER_PARTIAL_ORDINAL", String(ordinal)],
    ["CONTAINER_PARTIAL_LAST", String(last)],
  ];
}

/** NAME=VALUE, or with the value's length in front of it where it has newlines. */
function field(name: string, value: string): Buffer {
  if (!value.includes("\n")) return Buffer.from(`${name}=${value}\n`);
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from("\n")]);
}

/** The journal takes capitals, digits and underscores, and keeps those in front to itself. */
function fieldName(key: string): string {
  return key
    .toUpperCase()
    .replace(/[^A-Z0-9_]/g, "_")
    .replace(/^_+/, "")
    .slice(0, 64);
}
