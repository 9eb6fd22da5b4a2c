import { execFile, execFileSync } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { renameSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, decodeAnswer, encodeAnswer, encodeQuery, TYPE } from "./dns-wire.ts";
import { BINARY, collect, makeShimLab, type Specimen, unframe, whyNot } from "./shim-lab.ts";

const NETNS = `fshim-${process.pid}`;
const UPSTREAM = `127.83.${process.pid % 250}.1`;
const DEAF = `127.83.${process.pid % 250}.2`;

const UPSTREAMS = { upstreams: [DEAF, UPSTREAM], hostUpstreams: [DEAF, UPSTREAM] };

/** Runs in the container's network namespace: sends packets, prints what comes back as hex. */
const ASKER = `
const { protocol, packets, waitMs } = JSON.parse(process.argv[1]);
const bytes = packets.map((hex) => Buffer.from(hex, "hex"));
const print = (packet) => console.log(packet.toString("hex"));
if (protocol === "udp") {
  const socket = require("dgram").createSocket("udp4");
  let left = bytes.length;
  socket.on("message", (packet) => { print(packet); if (--left === 0) socket.close(); });
  // Connected, so that an answer from anywhere else is none.
  socket.on("error", () => {});
  socket.connect(53, "127.0.0.11", () => { for (const packet of bytes) socket.send(packet); });
  setTimeout(() => { if (left > 0) socket.close(); }, waitMs).unref();
} else {
  const socket = require("net").connect(53, "127.0.0.11");
  let got = Buffer.alloc(0), left = bytes.length;
  for (const packet of bytes) {
    const size = Buffer.alloc(2);
    size.writeUInt16BE(packet.length);
    socket.write(Buffer.concat([size, packet]));
  }
  socket.on("data", (chunk) => {
    got = Buffer.concat([got, chunk]);
    while (got.length >= 2 && got.length >= 2 + got.readUInt16BE(0)) {
      const size = got.readUInt16BE(0);
      print(got.subarray(2, 2 + size));
      got = got.subarray(2 + size);
      if (--left === 0) socket.destroy();
    }
  });
  socket.on("error", () => {});
  setTimeout(() => socket.destroy(), waitMs).unref();
}`;

/** Binds port 53 in every way that name servers do, one after another. */
const BINDER = `
import socket
for host, family in (("0.0.0.0", socket.AF_INET), ("::", socket.AF_INET6)):
  for protocol, kind in (("udp", socket.SOCK_DGRAM), ("tcp", socket.SOCK_STREAM)):
    for option in ("", "REUSEADDR", "REUSEPORT"):
      with socket.socket(family, kind) as own:
        if option: own.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_" + option), 1)
        try:
          own.bind((host, 53))
          if protocol == "tcp": own.listen(1)
          outcome = "bound"
        except OSError as error:
          outcome = str(error)
        print(host, protocol, option, outcome)
`;

/** Has port 53 of every address, and asks itself when its input ends. */
const SERVER = `
const open = () => require("dgram").createSocket("udp4");
const socket = open().on("message", (text) => { console.log(String(text)); process.exit(); });
socket.bind(53, "0.0.0.0", () => console.log("bound"));
process.stdin.on("end", () => open().send("own", 53, "127.0.0.1")).resume();
`;

const NAMESPACE = `/run/netns/${NETNS}`;
const OTHER_NAMESPACE = `${NAMESPACE}-b`;
const enter = (netns: string, argv: string[]) =>
  promisify(execFile)("nsenter", [`--net=${netns}`, ...argv], { timeout: 20_000 });
const inside = (argv: string[]) => enter(NAMESPACE, argv);

async function askRaw(
  protocol: "udp" | "tcp",
  packets: Buffer[],
  waitMs = 8000,
  netns = NAMESPACE,
): Promise<Answer[]> {
  const order = { protocol, packets: packets.map((packet) => packet.toString("hex")), waitMs };
  const { stdout } = await enter(netns, [process.execPath, "-e", ASKER, JSON.stringify(order)]);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => decodeAnswer(Buffer.from(line, "hex")));
}

async function ask(
  name: string,
  type: number,
  protocol: "udp" | "tcp" = "udp",
  netns = NAMESPACE,
): Promise<Answer> {
  return (await askRaw(protocol, [encodeQuery(name, type, 1232)], 8000, netns))[0]!;
}

const addresses = (answer: Answer) => answer.records.map(({ data }) => [...data].join(".")).sort();

const reason = whyNot();
describe.skipIf(reason)(`names in a container${reason ? ` (skipped: ${reason})` : ""}`, () => {
  const lab = makeShimLab();
  const table = `${lab.folder}/names`;
  const seen: string[] = [];
  let box: Specimen;
  let udp: Socket;
  let tcp: Server;

  function upstreamAnswer(query: Buffer): Buffer | undefined {
    const plain = query.subarray(0, query.indexOf(0, 12) + 5);
    plain.writeUInt16BE(0, 10);
    const name = plain.subarray(13, 13 + plain[12]!).toString();
    seen.push(name);
    if (name === "silent") return undefined;
    if (name === "missing") return encodeAnswer(plain, [], 3);
    return encodeAnswer(plain, [Buffer.from([192, 0, 2, 7])]);
  }

  beforeAll(async () => {
    execFileSync("ip", ["netns", "add", NETNS]);
    execFileSync("ip", ["netns", "add", `${NETNS}-b`]);
    execFileSync("ip", ["-n", `${NETNS}-b`, "link", "set", "lo", "up"]);
    udp = createSocket("udp4").on("message", (query, from) => {
      const answer = upstreamAnswer(query);
      if (answer) udp.send(answer, from.port, from.address);
    });
    udp.bind(53, UPSTREAM);
    tcp = createServer((line) => {
      line.on("error", () => {});
      line.on("data", (bytes) => {
        const answer = upstreamAnswer(bytes.subarray(2));
        if (answer) line.write(Buffer.concat([Buffer.from([0, answer.length]), answer]));
      });
    }).listen(53, UPSTREAM);
    await Promise.all([once(udp, "listening"), once(tcp, "listening")]);
    writeFileSync(
      table,
      "# network\n10.9.0.2 web Web-1 deadbeef0123\n10.9.0.3 web\nfd00::5 six\nnonsense x\n",
    );
    box = lab.specimen({
      run: ["/bin/sleep", "600"],
      netns: `/run/netns/${NETNS}`,
      settings: { resolver: { tables: [table], ...UPSTREAMS, search: [] } },
    });
    await box.begin();
  });
  afterAll(async () => {
    await lab.clean();
    udp?.close();
    tcp?.close();
    execFileSync("ip", ["netns", "del", NETNS]);
    execFileSync("ip", ["netns", "del", `${NETNS}-b`]);
  });

  test.each(["udp", "tcp"] as const)(
    "a name of the table has its addresses, over %s",
    async (protocol) => {
      expect(addresses(await ask("web", TYPE.A, protocol))).toEqual(["10.9.0.2", "10.9.0.3"]);
      expect(addresses(await ask("wEB-1", TYPE.A, protocol))).toEqual(["10.9.0.2"]);
      expect((await ask("six", TYPE.AAAA, protocol)).records[0]!.data[0]).toBe(0xfd);
    },
  );

  test("a name without an address of that family has an empty answer, not upstream's", async () => {
    seen.length = 0;
    for (const type of [TYPE.AAAA, TYPE.TXT]) {
      expect(await ask("web", type)).toMatchObject({ code: 0, records: [] });
    }
    expect(seen).toEqual([]);
  });

  test("an address leads back to its first name", async () => {
    const [record] = (await ask("2.0.9.10.in-addr.arpa", TYPE.PTR)).records;
    expect(record!.data.toString("latin1")).toBe("\x03web\0");
    const six = `5.${"0.".repeat(27)}0.0.d.f.ip6.arpa`;
    expect((await ask(six, TYPE.PTR)).records[0]!.data.toString("latin1")).toBe("\x03six\0");
  });

  test.each(["udp", "tcp"] as const)(
    "everything else is asked upstream, over %s",
    async (protocol) => {
      expect(addresses(await ask("example.test", TYPE.A, protocol))).toEqual(["192.0.2.7"]);
      expect((await ask("missing.test", TYPE.A, protocol)).code).toBe(3);
    },
  );

  test("the id of the query comes back, whatever went upstream", async () => {
    const packets = [1, 2, 65535].map((id) => encodeQuery("example.test", TYPE.A, 0, id));
    const ids = (await askRaw("udp", packets)).map(({ id }) => id);
    expect(ids.sort((a, b) => a - b)).toEqual([1, 2, 65535]);
  });

  test("an upstream that is silent becomes a server failure in time", async () => {
    const begun = Date.now();
    expect((await ask("silent.test", TYPE.A)).code).toBe(2);
    expect(Date.now() - begun).toBeLessThan(8000);
  });

  test("a table that was replaced counts for the next query", async () => {
    writeFileSync(`${table}.new`, "10.9.0.9 fresh\n");
    renameSync(`${table}.new`, table);
    expect(addresses(await ask("fresh", TYPE.A))).toEqual(["10.9.0.9"]);
    expect(addresses(await ask("web", TYPE.A))).toEqual(["192.0.2.7"]);
  });

  test("reload takes other tables", async () => {
    writeFileSync(`${table}.2`, "10.9.1.1 other\n");
    const resolver = { tables: [table, `${table}.2`], ...UPSTREAMS, search: [] };
    box.rewrite({ resolver });
    await box.client.reload();
    expect(addresses(await ask("other", TYPE.A))).toEqual(["10.9.1.1"]);
  });

  test("an answer that does not fit is truncated for UDP and whole for TCP", async () => {
    const many = Array.from({ length: 60 }, (_, i) => `10.9.2.${i} many`);
    writeFileSync(`${table}.2`, `${many.join("\n")}\n`);
    const query = encodeQuery("many", TYPE.A);
    expect((await askRaw("udp", [query]))[0]).toMatchObject({ truncated: true, records: [] });
    expect((await askRaw("tcp", [query]))[0]!.records).toHaveLength(60);
    expect((await ask("many", TYPE.A)).records).toHaveLength(60);
  });

  test("hostile packets get an error or silence, and the next query its answer", async () => {
    const good = encodeQuery("fresh", TYPE.A, 0, 7);
    const cut = (length: number) => good.subarray(0, length);
    const change = (at: number, value: number) => {
      const packet = Buffer.from(good);
      packet.writeUInt16BE(value, at);
      return packet;
    };
    const looping = Buffer.concat([good.subarray(0, 12), Buffer.from([0xc0, 12, 0, 1, 0, 1])]);
    const packets = [
      ...Array.from({ length: good.length }, (_, length) => cut(length)),
      change(2, 0x8180), // an answer
      change(2, 0x2000), // another operation
      change(4, 0), // no question
      change(4, 65535), // many questions
      change(10, 65535), // records that are not there
      looping,
      Buffer.alloc(4096, 0x3f),
    ];
    const answers = await askRaw("udp", packets, 500);
    expect(answers.every(({ code }) => code === 1 || code === 4)).toBe(true);
    expect(addresses(await ask("fresh", TYPE.A))).toEqual(["10.9.0.9"]);
  });

  test("a name server in the container can have port 53, however it asks for it", async () => {
    const { stdout } = await inside(["python3", "-c", BINDER]);
    expect(stdout.trim().split("\n")).toEqual(
      ["0.0.0.0", "::"].flatMap((address) =>
        ["udp", "tcp"].flatMap((protocol) =>
          ["", "REUSEADDR", "REUSEPORT"].map((option) => `${address} ${protocol} ${option} bound`),
        ),
      ),
    );
  });

  test("each gets its own queries, and answers come from where they were asked", async () => {
    const server = inside([process.execPath, "-e", SERVER]);
    await once(server.child.stdout!, "data");
    for (const protocol of ["udp", "tcp"] as const) {
      expect(addresses(await ask("fresh", TYPE.A, protocol))).toEqual(["10.9.0.9"]);
    }
    server.child.stdin!.end();
    expect((await server).stdout).toBe("bound\nown\n");
  });

  test("a resolver takes its rules along, and replaces what another has left", async () => {
    box.rewrite({ resolver: undefined });
    await box.client.reload();
    expect((await inside(["nft", "list", "ruleset"])).stdout).toBe("");
    await inside(["nft", "add table ip fairlead-resolver "]);
    box.rewrite({ resolver: { tables: [table], ...UPSTREAMS, search: [] } });
    await box.client.reload();
    expect(addresses(await ask("fresh", TYPE.A))).toEqual(["10.9.0.9"]);
  });

  test("a server is asked in the container's namespace, unless it is the host's own", async () => {
    const script = `const socket = require("dgram").createSocket("udp4");
      socket.on("message", (query, from) => {
        const answer = Buffer.from(query);
        answer.writeUInt16BE(0x8183, 2);
        socket.send(answer, from.port, from.address, () => process.exit());
      });
      socket.bind(53, "127.0.0.5", () => console.log("bound"));`;
    const server = inside([process.execPath, "-e", script]);
    await once(server.child.stdout!, "data");
    box.rewrite({ resolver: { tables: [table], upstreams: ["127.0.0.5"], search: [] } });
    await box.client.reload();
    expect((await ask("elsewhere.test", TYPE.A)).code).toBe(3);
    await server;
    box.rewrite({ resolver: { tables: [table], upstreams: [UPSTREAM], search: [] } });
    await box.client.reload();
    expect((await ask("elsewhere.test", TYPE.A)).code).toBe(2);
    box.rewrite({ resolver: { tables: [table], ...UPSTREAMS, search: [] } });
    await box.client.reload();
    expect(addresses(await ask("elsewhere.test", TYPE.A))).toEqual(["192.0.2.7"]);
  });

  test("without rules in the namespace the resolver has port 53 itself", async () => {
    const unable = join(lab.folder, "unable");
    const drop = "--bounding-set -net_admin --inh-caps -net_admin";
    writeFileSync(unable, `#!/bin/sh\nexec setpriv ${drop} ${BINARY} "$@"\n`, { mode: 0o755 });
    const plain = lab.specimen({
      run: ["/bin/sleep", "600"],
      netns: OTHER_NAMESPACE,
      settings: { resolver: { tables: [table], upstreams: [], search: [] } },
    });
    await plain.begin(unable);
    const { stdout } = await enter(OTHER_NAMESPACE, ["python3", "-c", BINDER]);
    expect(stdout).toContain("0.0.0.0 udp  [Errno 98] Address already in use");
    expect(stdout).toContain("0.0.0.0 udp REUSEADDR bound");
    expect(addresses(await ask("fresh", TYPE.A, "udp", OTHER_NAMESPACE))).toEqual(["10.9.0.9"]);
  });

  test("a program in the container resolves by its resolv.conf", async () => {
    const process = {
      args: ["/bin/nslookup", "fresh"],
      cwd: "/",
      env: [],
      user: { uid: 0, gid: 0 },
    };
    const streams = { stdin: false, stdout: true, stderr: true };
    const id = "ab".repeat(32);
    const { stream } = await box.client.exec({ id, process, tty: false, attach: true, ...streams });
    expect(unframe(await collect(stream!)).stdout).toContain("10.9.0.9");
  });
});
