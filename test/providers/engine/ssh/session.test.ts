import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import ssh2 from "ssh2";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { SshSpec } from "../../../../providers/engine/ssh/spec.ts";
import {
  connectSsh,
  type SshOptions,
  type SshTransport,
} from "../../../../providers/engine/ssh/ssh.ts";
import { type Sshd, type SshdOptions, skipReason, startSshd } from "./sshd.ts";

if (skipReason) console.log(`skipped: ${skipReason}`);

describe.skipIf(skipReason !== undefined)("a connection", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-session-"));
  const echo = join(folder, "echo.sock");
  const closing: (() => Promise<void>)[] = [];
  let server: Server;

  beforeAll(async () => {
    server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      text(socket).then(
        (all) => socket.end(`got ${all.length}`),
        () => {},
      );
    });
    await new Promise<void>((resolve) => server.listen(echo, resolve));
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  // The start-up files of this machine's shell may have something to say before the command.
  const noted = expect.stringMatching(/^noted\n$/m);

  async function sshd(options: SshdOptions = {}): Promise<Sshd> {
    const started = await startSshd(options);
    closing.push(started.stop);
    return started;
  }

  async function connect(
    to: Sshd,
    spec: Partial<SshSpec> = {},
    options: SshOptions = {},
  ): Promise<SshTransport> {
    const { port, key, knownHosts } = to;
    const base = { host: "127.0.0.1", port, user: "root", privateKey: key, knownHosts };
    const transport = await connectSsh({ ...base, ...spec }, { configFiles: [], ...options });
    closing.push(() => transport.close());
    return transport;
  }

  const relay = (path: string) => [
    process.execPath,
    "-e",
    `const s=require("net").connect({path:process.argv[1],allowHalfOpen:true});
     s.on("error",(e)=>{console.error(e.message);process.exit(1)});
     process.stdin.pipe(s).pipe(process.stdout)`,
    path,
  ];

  test("carries arguments, bytes and exit codes unharmed", async () => {
    const transport = await connect(await sshd());
    const hostile = ["$(id)", "it's", "a\nb", "\\", "!", "`x`", "", "\x1b[2J", "🚢"];
    const shown = await transport.exec(["printf", "<%s>", ...hostile]);
    expect(shown.stdout).toBe(hostile.map((word) => `<${word}>`).join(""));
    const bytes = Buffer.alloc(3_000_000, "fairlead");
    const stdin = Readable.from([bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)]);
    expect((await transport.exec(["wc", "-c"], { stdin })).stdout.trim()).toBe("3000000");
    expect((await transport.exec(["cat"], { stdin: bytes })).stdout.length).toBe(3_000_000);
    expect(await transport.exec(["sh", "-c", "echo no >&2; exit 9"])).toEqual({
      code: 9,
      stdout: "",
      stderr: "no\n",
    });
    expect((await transport.exec(["sh", "-c", "kill -9 $$"])).code).toBe(137);
  });

  test("joins a socket with half-close, and counts its round trips", async () => {
    const transport = await connect(await sshd());
    const before = transport.trips.count;
    const stream = await transport.openStream(echo);
    stream.end(Buffer.alloc(5_000_000));
    expect(await text(stream)).toBe("got 5000000");
    expect(transport.trips.count - before).toBe(1);
  });

  test("joins it by a command where the server forbids forwarding", async () => {
    const to = await sshd({ config: ["AllowStreamLocalForwarding no"] });
    const without = await connect(to);
    await expect(without.openStream(echo)).rejects.toMatchObject({ code: "unavailable" });
    const transport = await connect(to, {}, { relay });
    for (let i = 0; i < 3; i++) {
      const stream = await transport.openStream(echo);
      stream.end(Buffer.alloc(300_000));
      expect(await text(stream)).toBe("got 300000");
    }
    const absent = await transport.openStream(`${echo}.absent`);
    await expect(text(absent)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/nothing answers.*ENOENT/),
    });
  });

  test("says why the relay failed, however late something is written to it", async () => {
    const to = await sshd({ config: ["AllowStreamLocalForwarding no"] });
    const transport = await connect(to, {}, { relay: (path) => ["/no/such/relay", path] });
    for (const waitMs of [0, 5, 200]) {
      const stream = await transport.openStream(echo);
      const failed = new Promise<Error>((resolve) => stream.once("error", resolve));
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      stream.write("hello");
      expect((await failed).message).toMatch(/nothing answers.*not found/);
    }
  });

  test("finds out how many sessions the server allows", async () => {
    const transport = await connect(await sshd({ config: ["MaxSessions 2"] }));
    const all = Array.from({ length: 24 }, (_, index) =>
      transport.exec(["sh", "-c", 'sleep 0.02; echo "$1"', "sh", String(index)]),
    );
    const shown = (await Promise.all(all)).map(({ stdout }) => stdout.trim());
    expect(shown).toEqual(all.map((_, index) => String(index)));
  });

  test("says so when the user may not run commands", async () => {
    const transport = await connect(await sshd({ config: ["MaxSessions 0"] }));
    await expect(transport.exec(["true"])).rejects.toMatchObject({ reason: "not_permitted" });
  });

  test("goes through two jump hosts, each with its own key", async () => {
    const [one, two, end] = [await sshd(), await sshd(), await sshd()];
    const hop = ({ port, key, knownHosts }: Sshd) => {
      return { host: "127.0.0.1", port, user: "root", privateKey: key, knownHosts };
    };
    const transport = await connect(end, { proxy: [hop(one), hop(two)] });
    expect((await transport.exec(["echo", "there"])).stdout).toBe("there\n");
    expect(end.log()).toMatch(/Accepted publickey/);
    expect(one.log() && two.log()).toMatch(/Accepted publickey/);
    const wrong = { ...hop(two), privateKey: end.key };
    await expect(connect(end, { proxy: [hop(one), wrong] })).rejects.toMatchObject({
      reason: "refused_auth",
      message: expect.stringContaining(`127.0.0.1:${two.port}`),
    });
    await expect(connect(end, { proxy: hop(one), port: 1, dialErrorLimit: 1 })).rejects.toThrow(
      /the jump host cannot connect/,
    );
  });

  test("says so when a jump host forbids forwarding", async () => {
    const [jump, end] = [await sshd({ config: ["AllowTcpForwarding no"] }), await sshd()];
    const { port, key: privateKey, knownHosts } = jump;
    const proxy = { host: "127.0.0.1", port, user: "root", privateKey, knownHosts };
    await expect(connect(end, { proxy })).rejects.toMatchObject({
      reason: "not_permitted",
      hint: expect.stringMatching(/AllowTcpForwarding/),
    });
  });

  test("says so when a jump host hangs up while the host behind it is tried", async () => {
    const jump = await sshd();
    const { port, key: privateKey, knownHosts } = jump;
    const proxy = { host: "127.0.0.1", port, user: "root", privateKey, knownHosts };
    const trying = connect(jump, { proxy, port: 1, dialErrorLimit: -1 });
    const tried = () => /connect_to 127.0.0.1 port 1: failed/.test(jump.log());
    trying.catch(() => {});
    while (!tried()) await new Promise((resolve) => setTimeout(resolve, 20));
    killSessions(jump);
    await expect(trying).rejects.toMatchObject({
      reason: "unreachable",
      message: expect.stringContaining(`root@127.0.0.1:${port}: the connection`),
    });
  });

  test("reads jump hosts from the configuration", async () => {
    const [jump, end] = [await sshd(), await sshd()];
    const known = join(folder, "jump_hosts");
    writeFileSync(known, jump.knownHosts + end.knownHosts);
    const config = join(folder, "jump_config");
    writeFileSync(
      config,
      `Host *
  User root
  UserKnownHostsFile ${known}
Host bastion
  HostName 127.0.0.1
  Port ${jump.port}
  IdentityFile ${jump.key}
Host app
  HostName 127.0.0.1
  Port ${end.port}
  IdentityFile ${end.key}
  ProxyJump bastion
Host loop
  ProxyJump loop
`,
    );
    const options = { configFiles: [config], environment: {} };
    const transport = await connectSsh({ host: "app" }, options);
    closing.push(() => transport.close());
    expect((await transport.exec(["id", "-un"])).stdout).toBe("root\n");
    expect(jump.log()).toMatch(/Accepted publickey/);
    await expect(connectSsh({ host: "loop" }, options)).rejects.toThrow(/more than 8 jump hosts/);
  });

  test("tells how a command ended that did not read its input", async () => {
    const transport = await connect(await sshd());
    const command = ["sh", "-c", "exec <&-; echo said; echo noted >&2; exit 3"];
    const expected = { code: 3, stdout: "said\n", stderr: noted };
    const large = Buffer.alloc(4_000_000, "x");
    for (let round = 0; round < 10; round++) {
      const inputs = [large, "short", Readable.from([large, large]), endless()];
      const results = inputs.map((stdin) => transport.exec(command, { stdin }));
      for (const result of await Promise.all(results)) expect(result).toEqual(expected);
    }
  });

  test("tells how a command ended whose whole answer comes at once", async () => {
    const transport = await connect(await sshd());
    // An event loop so busy that the server has said everything when its first word is read.
    const ticks = new Int32Array(new SharedArrayBuffer(4));
    const busy = setInterval(() => Atomics.wait(ticks, 0, 0, 700), 1);
    try {
      for (const [ending, code] of [
        ["exit 3", 3],
        ["kill -9 $$", 137],
      ]) {
        const result = await transport.exec(["sh", "-c", `echo said; echo noted >&2; ${ending}`]);
        expect(result).toEqual({ code, stdout: "said\n", stderr: noted });
      }
    } finally {
      clearInterval(busy);
    }
  });

  test("says so when the server ends a command without its status", async () => {
    const { folder, ...keys } = await sshd();
    const hostKeys = [readFileSync(join(folder, "host_ed25519"))];
    const curt = new ssh2.Server({ hostKeys }, (client) => {
      client.on("error", () => {});
      client.on("authentication", (context) => context.accept());
      client.on("session", (session) => {
        session().on("exec", (accept) => accept().close());
      });
    });
    await new Promise<void>((resolve) => curt.listen(0, "127.0.0.1", resolve));
    closing.push(async () => void curt.close());
    const { port } = curt.address() as AddressInfo;
    const knownHosts = keys.knownHosts.replaceAll(`${keys.port}`, `${port}`);
    const transport = await connect({ ...keys, folder, port, knownHosts });
    await expect(transport.exec(["true"])).rejects.toMatchObject({
      code: "unavailable",
      message: `ssh://root@127.0.0.1:${port}: a command ended without an exit status`,
      hint: expect.stringContaining("run the same command again"),
    });
  });

  test("becomes root with sudo, with and without a password", async () => {
    const password = "pass 'word' \\$";
    const users = [
      { name: "deploy", password, sudo: "without password" as const },
      { name: "asked", password, sudo: "with password" as const },
      { name: "guest", password, sudo: "no" as const },
    ];
    const to = await sshd({ users });
    const root = async (user: string, options: SshOptions = {}) => {
      const transport = await connect(to, { user }, options);
      const stdin = "line one\nline two\n";
      const result = await transport.exec(["sh", "-c", "id -un; cat"], { become: true, stdin });
      return result.stdout;
    };
    const expected = "root\nline one\nline two\n";
    expect(await root("root")).toBe(expected);
    expect(await root("root", { becomePassword: password })).toBe(expected);
    expect(await root("deploy")).toBe(expected);
    expect(await root("deploy", { becomePassword: password })).toBe(expected);
    expect(await root("asked", { becomePassword: password })).toBe(expected);
    await expect(root("asked")).rejects.toMatchObject({ code: "forbidden" });
    await expect(root("asked", { becomePassword: "wrong" })).rejects.toThrow(/cannot become root/);
    await expect(root("guest")).rejects.toMatchObject({ code: "forbidden" });
    await expect(root("guest", { becomePassword: password })).rejects.toThrow(/cannot become root/);
    const relayed = await connect(to, { user: "asked" }, { becomePassword: password, relay });
    const stream = await relayed.openStream(echo);
    stream.end("hello");
    expect(await text(stream)).toBe("got 5");
  });

  test("gives the password to nothing but the input of sudo", async () => {
    const password = "correct-horse-staple";
    const users = [
      { name: "deploy", password, sudo: "without password" as const },
      { name: "asked", password, sudo: "with password" as const },
      // sudo asks this one in general, and not for a shell: the password is left in the input.
      { name: "mixed", password, sudo: "for a shell" as const },
    ];
    const to = await sshd({ users });
    // The environment and arguments of all processes down to the command, and what it can read.
    const look = `pid=$$; while [ "$pid" -gt 1 ]; do
      tr '\\0' '\\n' </proc/$pid/environ; tr '\\0' '\\n' </proc/$pid/cmdline
      pid=$(sed -n 's/^PPid:[^0-9]*//p' /proc/$pid/status)
    done 2>/dev/null; set; echo ---; cat`;
    for (const user of ["root", "deploy", "asked", "mixed"]) {
      const transport = await connect(to, { user }, { becomePassword: password });
      for (const shell of ["sh", "bash"]) {
        const argv = ["env", "line=inherited", shell, "-c", look];
        const result = await transport.exec(argv, { become: true, stdin: "input\n" });
        expect(result.stdout, user).toMatch(/---\ninput\n$/);
        expect(result.stdout + result.stderr, user).not.toContain(password);
      }
    }
  });

  test("fails what is running when the line is cut, and everything after", async () => {
    const to = await sshd();
    const transport = await connect(to, { keepAlive: 50 });
    const stream = await transport.openStream(echo);
    const running = transport.exec(["sleep", "30"]);
    const queued = Array.from({ length: 12 }, () => transport.exec(["sleep", "30"]));
    const read = text(stream);
    await new Promise((resolve) => setTimeout(resolve, 200));
    killSessions(to);
    for (const broken of [running, read, ...queued, transport.exec(["true"])]) {
      await expect(broken).rejects.toMatchObject({ code: "unavailable", reason: "unreachable" });
    }
  });

  test("stops a command when told to", async () => {
    const transport = await connect(await sshd());
    const signal = AbortSignal.timeout(100);
    await expect(transport.exec(["sleep", "30"], { signal })).rejects.toThrow();
    expect((await transport.exec(["echo", "still"])).stdout).toBe("still\n");
  });
});

/** Input that never ends, and comes when nobody waits for it. */
function endless(): Readable {
  return new Readable({
    read() {
      setTimeout(() => this.push("more\n"), 1);
    },
  });
}

/** Kills the processes that serve the connections of one server, found by their parent. */
function killSessions(sshd: Sshd): void {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (parentOf(pid) === sshd.pid) process.kill(Number(pid), "SIGKILL");
    } catch {}
  }
}

function parentOf(pid: string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}
