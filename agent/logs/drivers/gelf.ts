// Lines as messages of Graylog's GELF 1.1, by udp in chunks or by tcp, as moby's driver sends them.
import { randomBytes } from "node:crypto";
import { deflateSync, gzipSync } from "node:zlib";
import { extraAttributes } from "../driver/attributes.ts";
import type { LogHost, LogLine, LogOptions, LogReceiver, LogSource } from "../driver/driver.ts";
import { countOption, invalid } from "../driver/options.ts";
import { sendingDriver } from "../driver/sending.ts";
import { logTag } from "../driver/tag.ts";
import { hostAndPort } from "../transport/address.ts";
import { eachLine, streamReceiver } from "../transport/stream.ts";
import { udpReceiver } from "../transport/udp.ts";

const GELF_PORT = 12201;
const LEVEL = { stdout: 6, stderr: 3 };
/** go-gelf's: a datagram that no network cuts up. */
const CHUNK_BYTES = 1420;
const CHUNK_HEAD_BYTES = 12;
const MOST_CHUNKS = 128;
const MOST = 1_000_000;

export const gelf = sendingDriver({
  name: "gelf",
  options: [
    ...["gelf-address", "gelf-compression-type", "gelf-compression-level"],
    ...["gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay"],
  ],
  receiver,
});

function receiver(options: LogOptions, source: LogSource, host: LogHost): LogReceiver {
  const address = options["gelf-address"] ?? "";
  if (address === "") throw invalid("gelf-address is a required parameter");
  const [, scheme, rest = ""] = /^(udp|tcp):\/\/(.+)$/.exec(address) ?? [];
  if (scheme === undefined) {
    const shown = address.slice(0, 200);
    throw invalid(`gelf-address should be in form proto://address, got ${shown}`);
  }
  const to = hostAndPort("gelf-address", rest, GELF_PORT);
  const message = messages(options, source, host);
  if (scheme === "udp") {
    for (const key of ["gelf-tcp-max-reconnect", "gelf-tcp-reconnect-delay"]) {
      if (options[key] !== undefined) throw invalid(`${key} is only supported for TCP`);
    }
    const compress = compression(options);
    return udpReceiver({ to, encode: (line) => chunks(compress(message(line))) });
  }
  for (const key of ["gelf-compression-type", "gelf-compression-level"]) {
    if (options[key] !== undefined) throw invalid("compression is only supported on UDP");
  }
  const range = { least: 0, most: MOST };
  const given = options["gelf-tcp-max-reconnect"] !== undefined;
  const maxRetries = countOption(options, "gelf-tcp-max-reconnect", 0, range);
  const delayS = countOption(options, "gelf-tcp-reconnect-delay", 1, range);
  const framed = (line: LogLine) => Buffer.concat([message(line), Buffer.from([0])]);
  return {
    ...streamReceiver({ open: to, batch: eachLine(framed) }),
    retryMs: delayS * 1000,
    ...(given ? { maxRetries } : {}),
  };
}

function messages(
  options: LogOptions,
  source: LogSource,
  { hostname }: LogHost,
): (line: LogLine) => Buffer {
  const extra = Object.entries(extraAttributes(options, source));
  const fields = {
    ...Object.fromEntries(extra.map(([key, value]) => [`_${key}`, value])),
    _command: source.command,
    _container_id: source.id,
    _container_name: source.name,
    _created: source.created,
    _image_id: source.imageId,
    _image_name: source.imageName,
    _tag: logTag(options, source),
  };
  return ({ stream, text, time }) => {
    const timestamp = new Date(time).getTime() / 1000;
    const head = { version: "1.1", host: hostname, short_message: text };
    return Buffer.from(JSON.stringify({ ...head, timestamp, level: LEVEL[stream], ...fields }));
  };
}

function compression(options: LogOptions): (message: Buffer) => Buffer {
  const range = { least: 0, most: 9 };
  const level = countOption(options, "gelf-compression-level", 1, range);
  const type = options["gelf-compression-type"] ?? "gzip";
  if (type === "none") return (message) => message;
  if (type === "gzip") return (message) => gzipSync(message, { level });
  if (type === "zlib") return (message) => deflateSync(message, { level });
  const shown = JSON.stringify(type.slice(0, 100));
  throw invalid(`unknown value ${shown} for log opt "gelf-compression-type" for gelf log driver`);
}

/** One datagram, or chunks with their numbers; nothing of a message that is too long for both. */
function chunks(message: Buffer): Buffer[] {
  if (message.length <= CHUNK_BYTES) return [message];
  const room = CHUNK_BYTES - CHUNK_HEAD_BYTES;
  const count = Math.ceil(message.length / room);
  if (count > MOST_CHUNKS) return [];
  const id = randomBytes(8);
  return Array.from({ length: count }, (_, at) => {
    const head = Buffer.concat([Buffer.from([0x1e, 0x0f]), id, Buffer.from([at, count])]);
    return Buffer.concat([head, message.subarray(at * room, (at + 1) * room)]);
  });
}
