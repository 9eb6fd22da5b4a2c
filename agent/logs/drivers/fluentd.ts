// Lines as events of Fluentd's forward protocol, in message mode, as moby's driver sends them.
import { randomBytes } from "node:crypto";
import { Encoder, ExtData } from "@msgpack/msgpack";
import { parseBytes } from "../../../resources/model/units.ts";
import { extraAttributes } from "../driver/attributes.ts";
import type { LogLine, LogOptions, LogReceiver, LogSource } from "../driver/driver.ts";
import { countOption, durationOption, flagOption, invalid } from "../driver/options.ts";
import { sendingDriver } from "../driver/sending.ts";
import { logTag } from "../driver/tag.ts";
import { hostAndPort } from "../transport/address.ts";
import { type StreamBatch, type StreamPlace, streamReceiver } from "../transport/stream.ts";

const FLUENTD_PORT = 24224;
const MOST = 2 ** 31 - 1;

export const fluentd = sendingDriver({
  name: "fluentd",
  options: [
    ...["fluentd-address", "fluentd-async", "fluentd-async-connect"],
    ...["fluentd-async-reconnect-interval", "fluentd-buffer-limit", "fluentd-max-retries"],
    ...["fluentd-request-ack", "fluentd-retry-wait", "fluentd-sub-second-precision"],
    "fluentd-write-timeout",
  ],
  receiver,
});

function receiver(options: LogOptions, source: LogSource): LogReceiver {
  for (const key of ["fluentd-async", "fluentd-async-connect"]) flagOption(options, key, false);
  const limit = options["fluentd-buffer-limit"];
  const backlogBytes = limit === undefined ? undefined : parseBytes(limit);
  if (limit !== undefined && !backlogBytes) throw invalid(`invalid size: '${limit.slice(0, 99)}'`);
  const acknowledged = flagOption(options, "fluentd-request-ack", false);
  const { open, tls } = placeOf(options["fluentd-address"] ?? "");
  const event = events(options, source);
  const retries = { least: 0, most: MOST };
  const maxRetries = countOption(options, "fluentd-max-retries", MOST, retries);
  const retryMs =
    durationOption(options, "fluentd-async-reconnect-interval") ??
    durationOption(options, "fluentd-retry-wait");
  const timeoutMs = durationOption(options, "fluentd-write-timeout");
  const stream = streamReceiver({
    open,
    batch: (lines) => forwarded(lines.map(event), acknowledged),
    ...(tls ? { tls: () => ({}) } : {}),
    ...(timeoutMs ? { timeoutMs } : {}),
  });
  return {
    ...stream,
    ...(retryMs === undefined ? {} : { retryMs }),
    ...(options["fluentd-max-retries"] === undefined ? {} : { maxRetries }),
    ...(backlogBytes === undefined ? {} : { backlogBytes }),
  };
}

function placeOf(address: string): { open: StreamPlace; tls: boolean } {
  if (address === "") return { open: { host: "127.0.0.1", port: FLUENTD_PORT }, tls: false };
  const [, scheme = "tcp", rest = ""] = /^(?:([a-z]+):\/\/)?(.+)$/.exec(address) ?? [];
  if (scheme === "unix") return { open: { path: rest }, tls: false };
  if (scheme !== "tcp" && scheme !== "tls") {
    throw invalid(`invalid fluentd-address ${address.slice(0, 200)}: the scheme is not supported`);
  }
  return { open: hostAndPort("fluentd-address", rest, FLUENTD_PORT), tls: scheme === "tls" };
}

/** Tag, time and record of a line. */
type FluentdEvent = [tag: string, time: number | ExtData, record: Record<string, string>];

function events(options: LogOptions, source: LogSource): (line: LogLine) => FluentdEvent {
  const tag = logTag(options, source);
  const extra = extraAttributes(options, source);
  const exact = flagOption(options, "fluentd-sub-second-precision", false);
  return ({ stream, text, time, part }) => [
    tag,
    exact ? eventTime(time) : Math.floor(Date.parse(time) / 1000),
    {
      container_id: source.id,
      container_name: `/${source.name}`,
      source: stream,
      log: text,
      ...extra,
      ...(part
        ? {
            partial_message: "true",
            partial_id: part.id,
            partial_ordinal: String(part.ordinal),
            partial_last: String(part.last),
          }
        : {}),
    },
  ];
}

/** Extension 0 of the forward protocol: seconds and nanoseconds, 32 bits each. */
function eventTime(time: string): ExtData {
  const [, fraction = ""] = /\.(\d{1,9})/.exec(time) ?? [];
  const data = Buffer.alloc(8);
  data.writeUInt32BE(Math.floor(Date.parse(time) / 1000), 0);
  data.writeUInt32BE(Number(fraction.padEnd(9, "0")), 4);
  return new ExtData(0, data);
}

const encoder = new Encoder();

/** The events' bytes. The server answers in order, so the answer to the last is one to all. */
function forwarded(list: FluentdEvent[], acknowledged: boolean): StreamBatch {
  const chunk = randomBytes(16).toString("base64");
  const parts = list.map((event, at) => {
    const asks = acknowledged && at === list.length - 1;
    return Buffer.from(encoder.encode([...event, asks ? { chunk } : {}]));
  });
  const bytes = Buffer.concat(parts);
  return acknowledged ? { bytes, answered: (received) => received.includes(chunk) } : { bytes };
}
