import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { ConnectionReason } from "../../../../providers/engine/ssh/connection-error.ts";
import { fingerprintOf } from "../../../../providers/engine/ssh/known-hosts.ts";
import type { SshSpec } from "../../../../providers/engine/ssh/spec.ts";
import { connectSsh, type SshOptions } from "../../../../providers/engine/ssh/ssh.ts";
import { freePort, makeKey, type Sshd, skipReason, startSshd } from "./sshd.ts";

if (skipReason) console.log(`skipped: ${skipReason}`);
const PASSWORD = "correct horse 'battery' $staple";

describe.skipIf(skipReason !== undefined)("logging in", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-login-"));
  const config = join(folder, "config");
  let sshd: Sshd;
  let base: SshSpec;
  const file = (name: string) => join(folder, name);
  const authorize = (path: string) => {
    const list = join(sshd.folder, "authorized_keys");
    writeFileSync(list, readFileSync(list, "utf8") + readFileSync(`${path}.pub`, "utf8"));
    return path;
  };

  beforeAll(async () => {
    sshd = await startSshd({
      hostKeyTypes: ["ed25519", "rsa", "ecdsa"],
      config: ["Match User typist", "PasswordAuthentication yes", "Match all"],
      users: [{ name: "typist", password: PASSWORD, sudo: "no" }],
    });
    const { port, knownHosts, key } = sshd;
    base = { host: "127.0.0.1", port, user: "root", privateKey: key, knownHosts };
    writeFileSync(config, "");
  });
  afterAll(async () => {
    await sshd?.stop();
    rmSync(folder, { recursive: true });
  });

  afterEach(() => writeFileSync(config, ""));

  async function whoami(spec: Partial<SshSpec>, options: SshOptions = {}): Promise<string> {
    const all = { configFiles: [config], environment: {}, ...options };
    const transport = await connectSsh({ ...base, ...spec }, all);
    try {
      return (await transport.exec(["id", "-un"])).stdout.trim();
    } finally {
      await transport.close();
    }
  }

  async function refused(spec: Partial<SshSpec>, reason: ConnectionReason, says: RegExp) {
    const error = await whoami({ dialErrorLimit: 2, ...spec }).then(
      () => new Error("it connected"),
      (error: Error) => error,
    );
    expect(error).toMatchObject({ reason });
    expect(error.message).toMatch(says);
    expect(JSON.stringify({ ...error, m: error.message })).not.toContain(PASSWORD);
  }

  test("works with a key's path and with its value", async () => {
    expect(await whoami({})).toBe("root");
    expect(await whoami({ privateKey: readFileSync(sshd.key, "utf8") })).toBe("root");
  });

  for (const [type, more] of [
    ["rsa", ["-m", "PEM"]],
    ["rsa", ["-m", "PKCS8"]],
    ["ecdsa", ["-m", "PKCS8"]],
    ["ecdsa", []],
  ] as [string, string[]][]) {
    const form = more.join(" ") || "in OpenSSH's form";
    test(`works with an encrypted ${type} key ${form}`, async () => {
      const name = file(`enc-${type}${more[1] ?? ""}`);
      const privateKey = authorize(makeKey(name, type, "open sesame", more));
      expect(await whoami({ privateKey, privateKeyPassword: "open sesame" })).toBe("root");
      const { code, hint } = (await whoami({ privateKey }).catch((e) => e)) ?? {};
      expect({ code, hint }).toMatchObject({ code: "invalid", hint: /privateKeyPassword/ });
      const wrong = { privateKey, privateKeyPassword: "close sesame" };
      await expect(whoami(wrong)).rejects.toThrow(/passphrase is wrong|encrypted|read/);
    });
  }

  test("works with a password, and a wrong one is not tried again", async () => {
    const typist = { user: "typist", privateKey: undefined };
    expect(await whoami({ ...typist, password: PASSWORD })).toBe("typist");
    const before = sshd.log().match(/Failed password/g)?.length ?? 0;
    await refused({ ...typist, password: `${PASSWORD}!` }, "refused_auth", /tried.*password/);
    expect((sshd.log().match(/Failed password/g)?.length ?? 0) - before).toBe(1);
  });

  test("works with an agent, which offers only the configured keys when told so", async () => {
    const socket = file("agent.sock");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "pipe" });
    try {
      await new Promise((resolve) => agent.stdout.once("data", resolve));
      const keys = Array.from({ length: 7 }, (_, i) => makeKey(file(`decoy${i}`), "ed25519"));
      const env = { ...process.env, SSH_AUTH_SOCK: socket };
      execFileSync("ssh-add", ["-q", ...keys], { env, stdio: "ignore" });
      const byAgent = { privateKey: undefined, agentSocketPath: socket };
      await refused(byAgent, "refused_auth", /too many keys/);
      execFileSync("ssh-add", ["-q", sshd.key], { env, stdio: "ignore" });
      writeFileSync(config, `IdentityFile ${sshd.key}.pub\nIdentitiesOnly yes\n`);
      expect(await whoami(byAgent)).toBe("root");
      writeFileSync(config, `IdentityAgent ${socket}\nIdentityFile ${sshd.key}.pub\n`);
      expect(await whoami({ privateKey: undefined })).toBe("root");
    } finally {
      agent.kill();
      writeFileSync(config, "");
    }
  });

  test("refuses the wrong key and says what was tried", async () => {
    const privateKey = makeKey(file("wrong"), "ed25519");
    await refused({ privateKey }, "refused_auth", /refused the login: tried privateKey/);
  });

  test("says that there was nothing to try", async () => {
    writeFileSync(config, `IdentityFile ${file("absent")}\n`);
    await refused({ privateKey: undefined }, "refused_auth", /no key or password/);
    writeFileSync(config, "");
  });

  test("refuses an unknown host unless told to take its key", async () => {
    const known = file("known_hosts");
    writeFileSync(known, "");
    await refused({ knownHosts: known }, "host_key", /not known yet; its .* key .*SHA256:/);
    expect(await whoami({ knownHosts: known }, { acceptNewHostKey: true })).toBe("root");
    expect(await whoami({ knownHosts: known })).toBe("root");
    expect(readFileSync(known, "utf8")).toMatch(/^\[127\.0\.0\.1\]:\d+ ssh-ed25519 /);
  });

  test("refuses a changed key, also when new keys are taken", async () => {
    const line = readFileSync(`${makeKey(file("other"), "ed25519")}.pub`, "utf8");
    const knownHosts = `[127.0.0.1]:${sshd.port} ${line}`;
    await refused({ knownHosts }, "host_key", /NOT THE ONE WE KNOW/);
    await expect(whoami({ knownHosts }, { acceptNewHostKey: true })).rejects.toThrow(/NOT THE ONE/);
  });

  test("asks for the kind of key that is known", async () => {
    for (const line of sshd.knownHosts.trim().split("\n")) {
      expect(await whoami({ knownHosts: line })).toBe("root");
    }
  });

  test("accepts a pinned key of any kind, as a line or a fingerprint", async () => {
    for (const line of sshd.knownHosts.trim().split("\n")) {
      const [, type, data] = line.split(" ");
      const pin = `${type} ${data}`;
      expect(await whoami({ hostKey: pin, knownHosts: undefined })).toBe("root");
      const hostKey = fingerprintOf(Buffer.from(data!, "base64"));
      expect(await whoami({ hostKey, knownHosts: undefined })).toBe("root");
    }
    const hostKey = `SHA256:${"A".repeat(43)}`;
    await refused({ hostKey }, "host_key", /NOT THE ONE WE KNOW.*pinned/);
  });

  test("honours ~/.ssh/config with includes, aliases and first-wins", async () => {
    const known = file("alias_hosts");
    const [, type, data] = sshd.knownHosts.split("\n")[0]!.split(" ");
    writeFileSync(known, `anchor ${type} ${data}\n`);
    writeFileSync(file("extra.conf"), `Host web\n  HostKeyAlias anchor\n`);
    writeFileSync(
      config,
      `Include ${file("*.conf")}
Host web*
  HostName 127.0.0.1
  Port ${sshd.port}
  User root
  IdentityFile "${sshd.key}"
  UserKnownHostsFile ${known}
Host *
  User nobody
`,
    );
    const options = { configFiles: [config], environment: {} };
    const transport = await connectSsh({ host: "web" }, options);
    expect((await transport.exec(["id", "-un"])).stdout).toBe("root\n");
    expect(transport.name).toBe(`ssh://root@web:${sshd.port}`);
    await transport.close();
    writeFileSync(config, `${readFileSync(config)}  StrictHostKeyChecking no\n`);
    const warnings: string[] = [];
    const onWarning = (text: string) => warnings.push(text);
    await (await connectSsh({ host: "web" }, { ...options, onWarning })).close();
    expect(warnings.join()).toMatch(/taken as accept-new/);
    writeFileSync(config, "");
  });

  test("goes through a ProxyCommand", async () => {
    writeFileSync(
      file("relay.mjs"),
      `import { connect } from "node:net";
const socket = connect(Number(process.argv[3]), process.argv[2]);
process.stdin.pipe(socket).pipe(process.stdout);
`,
    );
    writeFileSync(config, `ProxyCommand ${process.execPath} ${file("relay.mjs")} %h %p\n`);
    expect(await whoami({})).toBe("root");
  });

  test("tells an unreachable host from one that refuses", async () => {
    const port = await freePort();
    await refused({ port }, "unreachable", /connection refused/);
    await refused({ host: "no-such-host.invalid" }, "unreachable", /does not resolve/);
    const silent = await listening(() => {});
    await refused({ port: silent.port, perDialTimeout: 200 }, "unreachable", /no answer in time/);
    silent.server.close();
  });

  test("says so when a port does not speak SSH, whatever it sends", async () => {
    const junk = ["HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-1.5-old\r\n", "\x00".repeat(9000)];
    for (const text of junk) {
      const { server, port } = await listening((socket) => socket.end(text));
      await refused({ port, perDialTimeout: 2000 }, "unreachable", /SSH|broke|answer/);
      server.close();
    }
  });

  test("waits for a host that is just starting", async () => {
    const port = await freePort();
    const late = whoami(
      { port, dialErrorLimit: -1, knownHosts: sshd.knownHosts },
      {
        acceptNewHostKey: true,
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 400));
    const started = await startSshd({ port, folder: sshd.folder });
    expect(await late).toBe("root");
    await started.stop();
  });

  test("stops at once when told to", async () => {
    const port = await freePort();
    const started = Date.now();
    const signal = AbortSignal.timeout(300);
    await expect(whoami({ port, dialErrorLimit: -1 }, { signal })).rejects.toThrow();
    expect(Date.now() - started).toBeLessThan(2000);
  });
});

function listening(onSocket: (socket: import("node:net").Socket) => void) {
  return new Promise<{ server: Server; port: number }>((resolve) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      onSocket(socket);
    });
    server.listen(0, "127.0.0.1", () => {
      resolve({ server, port: (server.address() as { port: number }).port });
    });
  });
}
