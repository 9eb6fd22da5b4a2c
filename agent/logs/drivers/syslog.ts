// Lines as messages to a syslog server, in the words that moby's driver and its srslog write.
import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { extraAttributes } from "../driver/attributes.ts";
import type { LogHost, LogLine, LogOptions, LogReceiver, LogSource } from "../driver/driver.ts";
import { invalid } from "../driver/options.ts";
import { sendingDriver } from "../driver/sending.ts";
import { logTag } from "../driver/tag.ts";
import { hostAndPort } from "../transport/address.ts";
import { datagramReceiver } from "../transport/datagram.ts";
import { eachLine, streamReceiver } from "../transport/stream.ts";
import { udpReceiver } from "../transport/udp.ts";

const SYSLOG_PORT = 514;
/** Where syslog daemons listen, in the order in which they are looked for. */
const LOCAL_SOCKETS = ["/dev/log", "/var/run/syslog", "/var/run/log"];
const FACILITIES = [
  ...["kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron"],
  ...["authpriv", "ftp", "", "", "", ""],
  ...["local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"],
];
const SEVERITY = { stdout: 6, stderr: 3 };

export const syslog = sendingDriver({
  name: "syslog",
  options: [
    ...["syslog-address", "syslog-facility", "syslog-format"],
    ...["syslog-tls-ca-cert", "syslog-tls-cert", "syslog-tls-key", "syslog-tls-skip-verify"],
  ],
  receiver,
});

function receiver(options: LogOptions, source: LogSource, host: LogHost): LogReceiver {
  const { scheme, rest } = addressOf(options["syslog-address"] ?? "");
  const secure = scheme === "tcp+tls";
  const encode = encoder(options, source, host, secure);
  if (scheme === "unix") return streamReceiver({ open: { path: rest }, batch: eachLine(encode) });
  if (scheme === "unixgram" || scheme === "") {
    const paths = rest === "" ? LOCAL_SOCKETS : [rest];
    return datagramReceiver({ paths, encode: (line) => encode(line).subarray(0, -1), host });
  }
  const to = hostAndPort("syslog-address", rest, SYSLOG_PORT);
  if (scheme === "udp") return udpReceiver({ to, encode: (line) => [encode(line)] });
  const tls = secure ? () => tlsOptions(options) : undefined;
  return streamReceiver({ open: to, batch: eachLine(encode), ...(tls ? { tls } : {}) });
}

const SCHEMES = ["tcp", "udp", "unix", "unixgram", "tcp+tls"];

function addressOf(address: string): { scheme: string; rest: string } {
  if (address === "") return { scheme: "", rest: "" };
  const [, scheme = "", rest = ""] = /^([a-z+]+):\/\/(.*)$/.exec(address) ?? [];
  if (SCHEMES.includes(scheme) && rest !== "") return { scheme, rest };
  const shown = address.slice(0, 200);
  throw invalid(`syslog-address should be in form proto://address, got ${shown}`);
}

/** Read at each connection: certificates are renewed while containers run. */
function tlsOptions(options: LogOptions): ConnectionOptions {
  const file = (key: string) => {
    const path = options[key];
    return path === undefined ? undefined : readFileSync(path);
  };
  return {
    ca: file("syslog-tls-ca-cert"),
    cert: file("syslog-tls-cert"),
    key: file("syslog-tls-key"),
    // Docker takes any value for yes.
    rejectUnauthorized: options["syslog-tls-skip-verify"] === undefined,
  };
}

type Encode = (line: LogLine) => Buffer;

function encoder(
  options: LogOptions,
  source: LogSource,
  { hostname }: LogHost,
  secure: boolean,
): Encode {
  extraAttributes(options, source);
  const tag = logTag(options, source);
  const facility = facilityOf(options["syslog-facility"]);
  const format = FORMATS[options["syslog-format"] ?? ""];
  if (!format) throw invalid("Invalid syslog format");
  return (line) => {
    const priority = facility * 8 + SEVERITY[line.stream];
    const head = format({ priority, time: line.time, hostname, tag });
    // A message ends with its line: what follows a newline would pass for another message.
    const message = `${head}${line.text.replaceAll("\n", " ")}\n`;
    const framed = secure && options["syslog-format"]?.startsWith("rfc5424");
    return Buffer.from(framed ? `${Buffer.byteLength(message)} ${message}` : message);
  };
}

function facilityOf(text: string | undefined): number {
  if (!text) return FACILITIES.indexOf("daemon");
  const number = /^\d{1,2}$/.test(text) ? Number(text) : FACILITIES.indexOf(text);
  if (number >= 0 && number < FACILITIES.length) return number;
  throw invalid("invalid syslog facility");
}

interface Head {
  priority: number;
  /** RFC 3339, in UTC, with up to nine digits of fraction. */
  time: string;
  hostname: string;
  tag: string;
}

const FORMATS: Readonly<Record<string, (head: Head) => string>> = {
  "": ({ priority, time, tag }) => `<${priority}>${stamp(time)} ${tag}[${process.pid}]: `,
  rfc3164: ({ priority, time, hostname, tag }) =>
    `<${priority}>${stamp(time)} ${hostname} ${tag}[${process.pid}]: `,
  rfc5424: (head) => rfc5424(head, `${head.time.slice(0, 19)}Z`),
  rfc5424micro: (head) => rfc5424(head, `${head.time.slice(0, 19)}.${micros(head.time)}Z`),
};

function rfc5424({ priority, hostname, tag }: Head, time: string): string {
  return `<${priority}>1 ${time} ${hostname} ${tag} ${process.pid} ${tag} - `;
}

function micros(time: string): string {
  const [, fraction = ""] = /\.(\d+)/.exec(time) ?? [];
  return fraction.padEnd(6, "0").slice(0, 6);
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** Go's time.Stamp, in the host's zone as RFC 3164 has it. */
function stamp(time: string): string {
  const date = new Date(time);
  const two = (number: number, fill = "0") => String(number).padStart(2, fill);
  const day = `${MONTHS[date.getMonth()]} ${two(date.getDate(), " ")}`;
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()];
  return `${day} ${clock.map((part) => two(part)).join(":")}`;
}
