import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectSsh, type SshTransport } from "../../../../providers/engine/ssh/ssh.ts";
import { openTunnel } from "../../../../providers/engine/tunnel/tunnel.ts";
import { type Sshd, skipReason, startSshd } from "../ssh/sshd.ts";

if (skipReason) console.log(`skipped: ${skipReason}`);

describe.skipIf(skipReason !== undefined)("a tunnel to a host's engine", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-tunnel-"));
  const engine = join(folder, "engine.sock");
  let sshd: Sshd;
  let transport: SshTransport;
  const server = createServer((request, response) => {
    text(request).then((body) => {
      response.setHeader("Api-Version", "1.47");
      response.setHeader("Content-Type", "application/json");
      if (request.url?.endsWith("/version")) {
        response.end(JSON.stringify({ Version: "far-away", ApiVersion: "1.47" }));
      } else response.end(`${request.method} ${request.url} ${body}`);
    });
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(engine, resolve));
    sshd = await startSshd();
    const { port, key: privateKey, knownHosts } = sshd;
    const spec = { host: "127.0.0.1", port, user: "root", privateKey, knownHosts };
    transport = await connectSsh(spec, { configFiles: [] });
  });
  afterAll(async () => {
    await transport?.close();
    await sshd?.stop();
    server.close();
    rmSync(folder, { recursive: true });
  });

  test("carries requests, is ours alone, and leaves nothing", async () => {
    const tunnel = await openTunnel(transport, engine);
    expect(statSync(tunnel.socketPath).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(tunnel.socketPath)).mode & 0o777).toBe(0o700);
    const answers = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const socket = connect({ path: tunnel.socketPath, allowHalfOpen: true });
        socket.end(`GET /${index} HTTP/1.0\r\n\r\n`);
        return (await text(socket)).split("\r\n").at(-1);
      }),
    );
    expect(answers).toEqual(Array.from({ length: 20 }, (_, index) => `GET /${index} `));
    await tunnel.close();
    expect(existsSync(dirname(tunnel.socketPath))).toBe(false);
  });

  test("listens where it is told, never over something that is there", async () => {
    const socketPath = join(folder, "here.sock");
    const tunnel = await openTunnel(transport, engine, { socketPath });
    expect(statSync(socketPath).mode & 0o777).toBe(0o600);
    await expect(openTunnel(transport, engine, { socketPath })).rejects.toMatchObject({
      code: "conflict",
    });
    await tunnel.close();
    expect(existsSync(socketPath)).toBe(false);
    writeFileSync(socketPath, "precious");
    await expect(openTunnel(transport, engine, { socketPath })).rejects.toThrow(/EEXIST/);
    expect(statSync(socketPath).size).toBe(8);
    expect(readdirSync(folder).filter((name) => name.startsWith(".fairlead"))).toEqual([]);
  });

  test("tells when the host's engine is not there", async () => {
    const told: Error[] = [];
    const onError = (error: Error) => told.push(error);
    const tunnel = await openTunnel(transport, `${engine}.absent`, { onError });
    const socket = connect(tunnel.socketPath);
    socket.on("error", () => {});
    socket.write("GET / HTTP/1.0\r\n\r\n");
    expect(await text(socket).catch(() => "")).toBe("");
    expect(told[0]?.message).toMatch(/cannot open/);
    await tunnel.close();
  });

  const docker = ["/usr/bin/docker", "/usr/local/bin/docker"].find((path) => existsSync(path));
  test.skipIf(docker === undefined)("serves the docker client", async () => {
    const tunnel = await openTunnel(transport, engine);
    const argv = ["version", "--format", "{{.Server.Version}}"];
    const env = { ...process.env, DOCKER_HOST: tunnel.dockerHost };
    const { stdout } = await promisify(execFile)(docker!, argv, { env });
    expect(stdout.trim()).toBe("far-away");
    await tunnel.close();
  });
});
