// Real SSH servers on loopback, with their keys and configuration in a temporary folder.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Why these suites cannot run here; nothing when they can. */
export const skipReason =
  process.getuid?.() !== 0
    ? "needs root, to run sshd"
    : existsSync("/usr/sbin/sshd")
      ? undefined
      : "needs openssh-server";

export interface Sshd {
  readonly pid: number;
  readonly port: number;
  readonly folder: string;
  /** known_hosts lines for this server. */
  readonly knownHosts: string;
  /** Path of a private key that the server accepts. */
  readonly key: string;
  readonly hostKeyPublic: string;
  /** What the server has logged. */
  log(): string;
  stop(): Promise<void>;
}

export interface SshdOptions {
  readonly config?: readonly string[];
  readonly hostKeyTypes?: readonly ("ed25519" | "ecdsa" | "rsa")[];
  readonly port?: number;
  /** Reuse the keys of another server's folder, and keep it at the end. */
  readonly folder?: string;
  /**
   * Users that exist for this server only: it runs with its own /etc/passwd, shadow and sudoers.
   */
  readonly users?: readonly TestUser[];
}

export interface TestUser {
  readonly name: string;
  readonly password: string;
  readonly sudo: "without password" | "with password" | "for a shell" | "no";
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  mkdirSync("/run/sshd", { recursive: true });
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "fairlead-sshd-"));
  const port = options.port ?? (await freePort());
  const types = options.hostKeyTypes ?? ["ed25519"];
  for (const type of types) makeKey(join(folder, `host_${type}`), type);
  const key = makeKey(join(folder, "user"), "ed25519");
  const authorized = join(folder, "authorized_keys");
  if (!existsSync(authorized)) writeFileSync(authorized, readFileSync(`${key}.pub`));
  const config = join(folder, "sshd_config");
  writeFileSync(
    config,
    [
      ...(options.config ?? []),
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      ...types.map((type) => `HostKey ${join(folder, `host_${type}`)}`),
      `AuthorizedKeysFile ${authorized}`,
      "PidFile none",
      "UsePAM no",
      "PasswordAuthentication no",
      "PermitRootLogin yes",
      "StrictModes no",
      "LogLevel VERBOSE",
      "",
    ].join("\n"),
  );
  let log = "";
  const start = `exec /usr/sbin/sshd -D -e -f ${config}`;
  const own = options.users === undefined ? [] : [ownUsers(folder, options.users)];
  const script = [...own, start].join("\n");
  const [program, args] = options.users === undefined ? ["sh", []] : ["unshare", ["--mount", "sh"]];
  const child = spawn(program as string, [...(args as string[]), "-ec", script], { stdio: "pipe" });
  child.stderr.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-256 * 1024);
  });
  await answering(port, () => log);
  const publicKey = readFileSync(join(folder, `host_${types[0]}.pub`), "utf8").trim();
  const lines = types.map((type) => {
    const words = readFileSync(join(folder, `host_${type}.pub`), "utf8").split(" ");
    return `[127.0.0.1]:${port} ${words[0]} ${words[1]}\n`;
  });
  return {
    pid: child.pid!,
    port,
    folder,
    key,
    knownHosts: lines.join(""),
    hostKeyPublic: publicKey,
    log: () => log,
    stop: async () => {
      await end(child);
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Shell lines that put the server's own users over those of the machine, in its mount namespace.
 */
function ownUsers(folder: string, users: readonly TestUser[]): string {
  chmodSync(folder, 0o755);
  const passwd = users.map(({ name }, at) => `${name}:x:${3000 + at}:3000::/tmp:/bin/sh\n`);
  const shadow = users.map(({ name, password }) => {
    const hash = execFileSync("openssl", ["passwd", "-6", "-stdin"], { input: password });
    return `${name}:${hash.toString().trim()}:19000:0:99999:7:::\n`;
  });
  const sudoers = users.flatMap(({ name, sudo }) => {
    if (sudo === "no") return [];
    if (sudo === "for a shell") {
      return [`${name} ALL=(ALL) ALL, NOPASSWD: /bin/sh, /usr/bin/sh\n`];
    }
    return [`${name} ALL=(ALL) ${sudo === "without password" ? "NOPASSWD: " : ""}ALL\n`];
  });
  const files = { passwd, shadow, sudoers: ["root ALL=(ALL) ALL\n", ...sudoers] };
  return Object.entries(files)
    .map(([name, lines]) => {
      const path = join(folder, name);
      const before = name === "sudoers" ? "" : readFileSync(`/etc/${name}`, "utf8");
      writeFileSync(path, before + lines.join(""));
      chmodSync(path, name === "passwd" ? 0o644 : 0o440);
      return `mount --bind ${path} /etc/${name}`;
    })
    .join("\n");
}

/** Makes a key pair unless it is there; returns the path of the private key. */
export function makeKey(path: string, type: string, passphrase = "", more: string[] = []): string {
  if (existsSync(path)) return path;
  execFileSync("ssh-keygen", ["-q", "-t", type, "-N", passphrase, "-f", path, ...more]);
  chmodSync(path, 0o600);
  return path;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answering(port: number, log: () => string): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const up = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("data", () => resolve(true)).once("error", () => resolve(false));
      socket.once("close", () => resolve(false));
      setTimeout(() => socket.destroy(), 1000).unref();
    });
    if (up) return;
    await sleep(25);
  }
  throw new Error(`sshd does not answer on port ${port}:\n${log()}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}
