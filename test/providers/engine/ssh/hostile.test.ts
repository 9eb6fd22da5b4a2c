// A server that logs us in and then does not do its part: every call ends in time, with the host's
// name and what was tried.
import { type AddressInfo, createServer } from "node:net";
import type { Duplex } from "node:stream";
import { Readable } from "node:stream";
import ssh2 from "ssh2";
import { afterEach, describe, expect, test } from "vitest";
import { HttpClient } from "../../../../providers/engine/docker-api/http-client.ts";
import { connectSsh, type SshOptions } from "../../../../providers/engine/ssh/ssh.ts";
import type { Wait } from "../../../../providers/engine/waiting.ts";

type Channel = Duplex & { stderr: Duplex; exit(code: number): void };
interface Manners {
  /** What becomes of a command; by default it is never answered. */
  exec?: (accept: () => Channel) => void;
  /** What becomes of a stream to a socket; by default it is never answered. */
  stream?: (accept: () => Channel) => void;
}

const { private: hostKey, public: publicKey } = ssh2.utils.generateKeyPairSync("ed25519");
const closing: (() => void | Promise<void>)[] = [];

async function connect(manners: Manners, options: SshOptions = {}) {
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    client.on("error", () => {});
    client.on("authentication", (context) => context.accept());
    client.on("session", (session) => {
      session().on("exec", (accept) => manners.exec?.(accept as never));
    });
    // An event of OpenSSH's own, which the types lack.
    (client as NodeJS.EventEmitter).on("openssh.streamlocal", (accept) => manners.stream?.(accept));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const transport = await connectSsh(
    { host: "127.0.0.1", port, user: "root", password: "x", hostKey: publicKey },
    { configFiles: [], environment: {}, openTimeoutMs: 300, ...options },
  );
  closing.push(
    () => void server.close(),
    () => transport.close(),
  );
  return { transport, name: `ssh://root@127.0.0.1:${port}` };
}

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function drip(stream: Duplex, piece: string): void {
  const timer = setInterval(() => stream.write(piece), 20);
  stream.once("close", () => clearInterval(timer));
}

describe("a command on a server that", () => {
  const bounds = { step: "looking at the host", idleTimeoutMs: 300, limitMs: 900 };
  const cases: [string, Manners["exec"], RegExp][] = [
    ["never answers the request", undefined, /no answer for 300 ms while (starting|looking)/],
    ["is silent after it", (accept) => accept(), /no answer for 300 ms while looking at the host/],
    ["never ends standard error", (accept) => drip(accept().stderr, "."), /not done after 1 s/],
    ["never ends standard output", (accept) => drip(accept(), "."), /not done after 1 s: looking/],
    [
      "floods standard error",
      (accept) => drip(accept().stderr, "x".repeat(300_000)),
      /wrote more than 1000000 bytes/,
    ],
  ];
  test.each(cases)("%s is given up in time", async (_, exec, message) => {
    const { transport, name } = await connect({ exec: exec! });
    const asked = transport.exec(["true"], { ...bounds, maxOutputBytes: 1_000_000 });
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toThrow(name);
  });

  test("takes no input is given up in time", async () => {
    const { transport } = await connect({ exec: (accept) => void accept().pause() });
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(64 * 1024);
      })(),
    );
    const asked = transport.exec(["cat"], { ...bounds, stdin: endless });
    await expect(asked).rejects.toThrow(/no answer for 300 ms while looking at the host/);
  });

  test("takes its time is waited for while it takes the input", async () => {
    const slow = (accept: () => Channel) => {
      const channel = accept();
      let bytes = 0;
      const read = () => {
        const chunk = channel.read() as Buffer | null;
        bytes += chunk?.length ?? 0;
        setTimeout(read, 40);
      };
      channel.on("end", () => {
        channel.write(`${bytes}`);
        channel.exit(0);
        channel.end();
      });
      read();
    };
    const { transport } = await connect({ exec: slow });
    const stdin = Buffer.alloc(20_000_000);
    const result = await transport.exec(["wc"], { ...bounds, stdin });
    expect(result).toMatchObject({ code: 0, stdout: "20000000" });
  });
});

describe("a request to an engine behind a server that", () => {
  const cases: [string, Manners["stream"], RegExp][] = [
    ["opens no stream", undefined, /no answer for 300 ms while opening \/run\/x\.sock/],
    ["is silent", (accept) => accept(), /stopped answering while looking at the host/],
    [
      "answers with half a head",
      (accept) => void accept().write("HTTP/1.1 200 OK\r\nContent-Le"),
      /stopped answering while looking/,
    ],
    [
      "answers with half a body",
      (accept) => void accept().write('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"a"'),
      /stopped answering while looking/,
    ],
    [
      "refuses with half a sentence",
      (accept) => void accept().write("HTTP/1.1 500 No\r\nContent-Length: 50\r\n\r\nhalf a se"),
      /half a se/,
    ],
  ];
  test.each(cases)("%s fails in time", async (_, stream, message) => {
    const { transport } = await connect({ stream: stream! });
    const engine = new HttpClient("web-1", transport, "/run/x.sock");
    closing.push(() => engine.close());
    const request = { method: "GET", path: "/fairlead/info", idleTimeoutMs: 500 } as const;
    const asked = engine.json({ ...request, step: "looking at the host" });
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toThrow(/web-1|127\.0\.0\.1/);
  });
});

describe("a host that does not answer", () => {
  test("is told of while it is tried, with the attempt and why the one before failed", async () => {
    const silent = createServer((socket) => socket.on("error", () => {}));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    closing.push(() => void silent.close());
    const { port } = silent.address() as AddressInfo;
    const told: Wait[] = [];
    const trying = connectSsh(
      { host: "127.0.0.1", port, user: "root", perDialTimeout: 900, dialErrorLimit: 2 },
      { configFiles: [], environment: {}, onWait: (wait) => told.push(wait) },
    );
    await expect(trying).rejects.toThrow(`root@127.0.0.1:${port}: no answer in time`);
    const target = `trying root@127.0.0.1:${port}, attempt 2 of 2`;
    expect(told.map(({ what }) => what)).toContain(`${target} (before: no answer in time)`);
  });
});
