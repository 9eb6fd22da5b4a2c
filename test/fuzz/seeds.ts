// Good inputs to begin with, for the parsers in C++ and in TypeScript.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type Pack, pack } from "tar-stream";
import { attribute, message, nested, text, u32 } from "../../agent/network/netlink/message.ts";
import { defaultSeccomp } from "../../agent/runtime/seccomp.ts";
import { encodeAnswer, encodeQuery, TYPE } from "../agent/native/dns-wire.ts";

export const context = { architecture: "amd64", kernel: "6.1.0", capabilities: ["CAP_SYS_ADMIN"] };

const NUMBER = { index: 0, value: 1, valueTwo: 0 };
const ARGUED = { names: ["clone", "socket"], action: "SCMP_ACT_ERRNO", errnoRet: 38 };
const OPERATORS = ["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"];
const FILTERS = [
  defaultSeccomp(context),
  {
    defaultAction: "SCMP_ACT_NOTIFY",
    listenerPath: "/run/x.sock",
    listenerMetadata: "m",
    flags: ["SECCOMP_FILTER_FLAG_LOG"],
    architectures: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
    syscalls: OPERATORS.map((op) => ({ ...ARGUED, args: [{ ...NUMBER, op: `SCMP_CMP_${op}` }] })),
  },
];

const PROCESS = {
  terminal: true,
  consoleSize: { height: 24, width: 80 },
  cwd: "/",
  env: ["A=b"],
  args: ["sh"],
  user: { uid: 1, gid: 2, umask: 18, additionalGids: [5] },
  rlimits: [{ type: "RLIMIT_NOFILE", soft: 10, hard: 20 }],
  capabilities: { bounding: ["CAP_CHOWN"], ambient: ["CAP_CHOWN"], inheritable: ["CAP_CHOWN"] },
  noNewPrivileges: true,
  apparmorProfile: "x",
  oomScoreAdj: -5,
  scheduler: { policy: "SCHED_BATCH", nice: 5, flags: ["SCHED_FLAG_RESET_ON_FORK"] },
  ioPriority: { class: "IOPRIO_CLASS_BE", priority: 4 },
  execCPUAffinity: { initial: "0-1,3", final: "0" },
};
const DEVICE = { major: 8, minor: 0 };
const RESOURCES = {
  devices: [{ allow: true, type: "c", major: 1, minor: 3, access: "rwm" }],
  memory: { limit: 1 << 30, reservation: -1, swap: -1, swappiness: 3, disableOOMKiller: false },
  cpu: { shares: 2, quota: -1, period: 100000, burst: 1, cpus: "0-1", mems: "0", idle: 0 },
  pids: { limit: 5 },
  blockIO: {
    weight: 10,
    weightDevice: [{ ...DEVICE, weight: 10 }],
    throttleReadBpsDevice: [{ ...DEVICE, rate: 5 }],
  },
  hugepageLimits: [{ pageSize: "2MB", limit: 0 }],
  network: { classID: 1, priorities: [{ name: "eth0", priority: 1 }] },
  rdma: { mlx: { hcaHandles: 1, hcaObjects: 2 } },
  unified: { "memory.high": "1" },
};
const HOOK = { path: "/bin/hook", args: ["hook"], env: ["A=b"], timeout: 3 };
const IDS = [{ containerID: 0, hostID: 1000, size: 10 }];
const CONFIG = {
  ociVersion: "1.3.0",
  root: { path: "rootfs", readonly: true },
  hostname: "h",
  domainname: "d",
  annotations: { a: "b" },
  process: PROCESS,
  hooks: { createRuntime: [HOOK], poststop: [HOOK] },
  mounts: [
    { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "rro", "x=1"] },
    {
      destination: "/m",
      type: "none",
      source: "/s",
      options: ["rbind", "idmap", "tmpcopyup", "rslave"],
      uidMappings: IDS,
      gidMappings: IDS,
    },
  ],
  linux: {
    namespaces: [{ type: "pid" }, { type: "network", path: "/proc/1/ns/net" }, { type: "user" }],
    uidMappings: IDS,
    gidMappings: IDS,
    timeOffsets: { monotonic: { secs: 5, nanosecs: 6 } },
    devices: [{ path: "/dev/x", type: "c", major: 1, minor: 3, fileMode: 438, uid: 0, gid: 0 }],
    netDevices: { eth5: { name: "eth0" } },
    cgroupsPath: "system.slice:a:b",
    resources: RESOURCES,
    sysctl: { "net.ipv4.ip_forward": "1" },
    seccomp: FILTERS[1],
    rootfsPropagation: "rshared",
    maskedPaths: ["/proc/kcore"],
    readonlyPaths: ["/proc/sys"],
    mountLabel: "l",
    personality: { domain: "LINUX32" },
  },
};

const SETTINGS = {
  id: "a".repeat(64),
  tty: false,
  openStdin: true,
  stdinOnce: true,
  init: true,
  autoStart: true,
  log: { driver: "json-file", path: "/x/log", maxSizeBytes: 5, maxFiles: 2 },
  restart: { policy: "on-failure", maxRetries: 3 },
  stopSignal: 15,
  stopTimeoutMs: 10,
  healthcheck: { argv: ["true"], intervalMs: 1, timeoutMs: 1, retries: 1, startPeriodMs: 0 },
  resolver: { tables: ["/x/t"], upstreams: ["1.1.1.1", "::1"], search: ["a.b"] },
  reservePorts: [{ protocol: "tcp", ip: "0.0.0.0", port: 80 }],
};

const LINK = message(16, 0, Buffer.alloc(16), attribute(3, text("eth0")), attribute(4, u32(1500)));
const VETH = message(16, 0, Buffer.alloc(16), nested(18, attribute(1, text("veth"))));
const ADDRESS = message(20, 0, Buffer.from([2, 24, 0, 0, 1, 0, 0, 0]), attribute(2, u32(7)));
const ROUTE = message(24, 0, Buffer.alloc(12, 254), attribute(1, u32(7)), attribute(4, u32(2)));
const TUPLE = nested(
  1,
  nested(1, attribute(1, u32(1))),
  nested(2, attribute(1, Buffer.from([17]))),
);
const TRACKED = message(256, 0, Buffer.alloc(4), TUPLE, nested(2, nested(1, attribute(2, u32(1)))));
const CHAIN = message(2563, 0, Buffer.alloc(4), nested(4, attribute(1, Buffer.alloc(4))));
/** NLMSG_ERROR of EPERM with the request's header and a sentence (NLM_F_ACK_TLVS, CAPPED). */
const REFUSAL = message(
  2,
  0x300,
  Buffer.from([255, 255, 255, 255, 16, 0, 0, 0, 16, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  attribute(1, text("not supported")),
);
const DONE = message(3, 2, u32(0));
const DUMP = Buffer.concat([LINK, VETH, DONE]);
export const NETLINK = [LINK, VETH, ADDRESS, ROUTE, TRACKED, CHAIN, REFUSAL, DUMP];

type Entry = [Parameters<Pack["entry"]>[0], string?];

async function tarOf(entries: Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const [header, content] of entries) archive.entry(header, content ?? "");
  archive.finalize();
  return Buffer.concat(await Readable.from(archive as AsyncIterable<Buffer>).toArray());
}

/** Archives as images and clients send them. */
export function tars(): Promise<Buffer[]> {
  const pax = {
    "SCHILY.xattr.user.x": "y",
    "SCHILY.xattr.security.capability": "\x01\0\0\x02",
    "LIBARCHIVE.xattr.user.y": "eA==",
    mtime: "1700000000.5",
  };
  const files: Entry[] = [
    [{ name: "manifest.json" }, "[]"],
    [{ name: "a", type: "symlink", linkname: "b" }],
    [{ name: `${"long/".repeat(40)}b`, pax }, "hello"],
    [{ name: "c", type: "link", linkname: "manifest.json" }],
  ];
  const layer: Entry[] = [
    [{ name: "./", type: "directory", mode: 0o755 }],
    [{ name: "d/", type: "directory", mode: 0o1777 }],
    [{ name: "d/.wh.gone" }, ""],
    [{ name: "d/.wh..wh..opq" }, ""],
    [{ name: "d/null", type: "character-device", devmajor: 1, devminor: 3 }],
    [{ name: "d/pipe", type: "fifo" }],
    [{ name: "d/up", type: "symlink", linkname: "../../.." }],
    [{ name: "d/up/etc/passwd" }, "root"],
  ];
  return Promise.all([tarOf(files), tarOf(layer), tarOf([...layer, ...files])]);
}

function dnsMessages(): Buffer[] {
  const query = encodeQuery("web.example", TYPE.A, 1232);
  const reverse = encodeQuery("4.3.2.1.in-addr.arpa", TYPE.PTR);
  const six = encodeQuery(`${"0.".repeat(32)}ip6.arpa`, TYPE.PTR);
  const plain = encodeQuery("web.example", TYPE.AAAA);
  return [query, reverse, six, plain, encodeAnswer(plain, [Buffer.from([1, 2, 3, 4])])];
}

/** A header field of a D-Bus message whose value is a text (o, s), a signature (g) or a number. */
function dbusField(code: number, type: string, value: string | number): Buffer {
  const head = Buffer.from([code, 1, type.charCodeAt(0), 0]);
  const text = Buffer.from(`${value}\0`);
  if (type === "g") return Buffer.concat([head, Buffer.from([text.length - 1]), text]);
  if (typeof value === "number") return Buffer.concat([head, u32(value)]);
  return Buffer.concat([head, u32(text.length - 1), text]);
}

const padded = (bytes: Buffer, to: number) =>
  Buffer.concat([bytes, Buffer.alloc((to - (bytes.length % to)) % to)]);

function dbusMessage(type: number, fields: Buffer[], body: Buffer): Buffer {
  const all = fields.map((one, at) => (at + 1 < fields.length ? padded(one, 8) : one));
  const bytes = Buffer.concat(all);
  const fixed = [Buffer.from([108, type, 0, 1]), u32(body.length), u32(7), u32(bytes.length)];
  return Buffer.concat([padded(Buffer.concat([...fixed, bytes]), 8), body]);
}

const dbusText = (value: string) =>
  padded(Buffer.concat([u32(value.length), Buffer.from(`${value}\0`)]), 4);

/** What systemd sends: a job, the news of its end, an error, a property. */
function dbusMessages(): (string | Buffer)[] {
  const job = "/org/freedesktop/systemd1/job/12";
  const [toUs, from] = [dbusField(5, "u", 3), dbusField(7, "s", ":1.0")];
  const signature = (text: string) => dbusField(8, "g", text);
  const place = [
    dbusField(1, "o", "/org/freedesktop/systemd1"),
    dbusField(2, "s", "org.freedesktop.systemd1.Manager"),
    dbusField(3, "s", "JobRemoved"),
  ];
  const removed = [u32(12), dbusText(job), dbusText("a.scope"), dbusText("done")];
  const error = dbusField(4, "s", "org.freedesktop.systemd1.NoSuchUnit");
  const variant = Buffer.concat([Buffer.from([1, 115, 0, 0]), dbusText("252 (252.39-1)")]);
  return [
    dbusMessage(2, [toUs, from, signature("o")], dbusText(job)),
    dbusMessage(4, [...place, from, signature("uoss")], Buffer.concat(removed)),
    dbusMessage(3, [error, toUs, signature("s")], dbusText("Unit a.scope not loaded.")),
    dbusMessage(2, [signature("v"), toUs], variant),
    "unix:abstract=/x,guid=1;unix:path=/run/a%20b,guid=5",
    "machine-a.slice:libpod:0123",
    "['a', \"b\"]",
    "uint64 5",
  ];
}

/** Writes a folder of inputs for each of the targets in agent/native/fuzz. */
export async function writeSeeds(folder: string): Promise<string[]> {
  const archives = await tars();
  const seeds: Record<string, (string | Buffer)[]> = {
    config: [CONFIG, PROCESS, RESOURCES].map((one) => JSON.stringify(one)),
    seccomp: FILTERS.map((one) => JSON.stringify(one)),
    netlink: NETLINK,
    // The first byte chooses how whiteouts are written.
    archive: archives.flatMap((one) =>
      [0, 1, 2].map((form) => Buffer.concat([Buffer.from([form]), one])),
    ),
    dns: dnsMessages(),
    shim: [JSON.stringify(SETTINGS), "\u0000<\u2028\ud800"],
    dbus: dbusMessages(),
  };
  for (const [target, inputs] of Object.entries(seeds)) {
    mkdirSync(join(folder, target), { recursive: true });
    for (const [index, input] of inputs.entries()) {
      writeFileSync(join(folder, target, `seed-${index}`), input);
    }
  }
  return Object.keys(seeds);
}
