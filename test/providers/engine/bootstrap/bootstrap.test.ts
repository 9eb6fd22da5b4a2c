import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type BootstrapEvent,
  bootstrap,
} from "../../../../providers/engine/bootstrap/bootstrap.ts";
import { probe } from "../../../../providers/engine/bootstrap/facts.ts";
import { type Layout, layoutOf } from "../../../../providers/engine/bootstrap/layout.ts";
import { uninstall } from "../../../../providers/engine/bootstrap/uninstall.ts";
import { HttpClient } from "../../../../providers/engine/docker-api/http-client.ts";
import { Hosts } from "../../../../providers/engine/hosts/hosts.ts";
import { LocalTransport } from "../../../../providers/engine/local/local.ts";
import { connectSsh, type SshTransport } from "../../../../providers/engine/ssh/ssh.ts";
import { type Sshd, skipReason, startSshd } from "../ssh/sshd.ts";
import { type FakeBundle, fakeBundle } from "./fake-bundle.ts";
import { holdLock } from "./hold-lock.ts";

const reason =
  skipReason ??
  (existsSync("/run/systemd/system") ? "would install a unit; the lab covers systemd" : undefined);
if (reason) console.log(`skipped: ${reason}`);

describe.skipIf(reason !== undefined)("bringing the agent to a host", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-boot-"));
  const local = new LocalTransport();
  const bundles: FakeBundle[] = [];
  let sshd: Sshd;
  let layout: Layout;
  let count = 0;
  const make = (version: string, padding = 0) => {
    const bundle = fakeBundle(version, padding);
    bundles.push(bundle);
    return bundle;
  };
  const first = make("0.1.0");
  const second = make("0.2.0");

  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterEach(async () => {
    await uninstall(local, layout, undefined, { force: true, volumes: true });
    expect(existsSync(layout.prefix) || existsSync(layout.root)).toBe(false);
  });
  afterAll(async () => {
    for (const bundle of bundles) bundle.remove();
    await sshd?.stop();
    rmSync(folder, { recursive: true });
  });

  function freshLayout(): Layout {
    const base = join(folder, `h${++count}`);
    const [prefix, root, run] = ["opt", "lib", "run"].map((name) => join(base, name));
    layout = layoutOf({ prefix, root, run, instance: `fl-boot${count}` });
    return layout;
  }

  async function overSsh(): Promise<SshTransport> {
    const { port, key, knownHosts } = sshd;
    const spec = { host: "127.0.0.1", port, user: "root", privateKey: key, knownHosts };
    return connectSsh(spec, { configFiles: [] });
  }

  const ssh = () => {
    const { port, key: privateKey, knownHosts } = sshd;
    const { root, run, instance } = layout;
    const connection = { host: "127.0.0.1", port, user: "root", privateKey, knownHosts };
    return { ...connection, root, run, instance };
  };

  for (const way of ["local", "ssh"] as const) {
    test(`sends, switches and starts it over ${way}, and then only what is new`, async () => {
      freshLayout();
      const transport = way === "local" ? local : await overSsh();
      const events: BootstrapEvent[] = [];
      const run = (bundle: FakeBundle) => {
        events.length = 0;
        const onEvent = (event: BootstrapEvent) => events.push(event);
        return bootstrap(transport, layout, { bundleFolder: bundle.folder, onEvent });
      };
      const sent = () =>
        new Set(events.flatMap((event) => (event.type === "upload" ? [event.part] : [])));
      const one = await run(first);
      expect(one.version).toBe("0.1.0");
      expect(sent()).toEqual(new Set(["node", "agent.cjs", "fairlead.node", "fairlead-runtime"]));
      expect(readlinkSync(`${layout.prefix}/current`)).toBe(`versions/${one.bundle}`);
      await run(first);
      expect(sent()).toEqual(new Set());
      const two = await run(second);
      expect(two.version).toBe("0.2.0");
      expect(sent()).toEqual(new Set(["agent.cjs"]));
      expect(readdirSync(`${layout.prefix}/versions`).sort()).toEqual(
        [one.bundle, two.bundle].sort(),
      );
      if (transport !== local) await transport.close();
    });
  }

  test("starts the agent again when it dies", async () => {
    freshLayout();
    await bootstrap(local, layout, { bundleFolder: first.folder });
    const before = await agentPid(layout);
    process.kill(before, "SIGKILL");
    const after = await agentPid(layout, before);
    expect(after).not.toBe(before);
  });

  test("goes on after the line was cut in the middle of a part", async () => {
    freshLayout();
    const big = make("0.3.0", 30_000_000);
    const cut = await overSsh();
    const options = { bundleFolder: big.folder };
    const failing = bootstrap(cut, layout, {
      ...options,
      onEvent: (event) => {
        if (event.type === "upload" && event.part === "fairlead.node" && event.doneBytes > 5e6) {
          cut.close();
        }
      },
    });
    await expect(failing).rejects.toMatchObject({ code: "unavailable" });
    expect(existsSync(`${layout.prefix}/current`)).toBe(false);
    const again = await overSsh();
    expect((await bootstrap(again, layout, options)).version).toBe("0.3.0");
    await again.close();
    const left = readdirSync(`${layout.prefix}/parts`).filter((name) => name.startsWith("."));
    expect(left).toEqual([]);
  });

  test("refuses a part that is not what it says, and leaves nothing of it", async () => {
    freshLayout();
    const bad = make("0.4.0");
    const parts = join(bad.folder, "linux-x64/parts");
    const [one, other] = readdirSync(parts);
    writeFileSync(join(parts, one!), readFileSync(join(parts, other!)));
    const failing = bootstrap(local, layout, { bundleFolder: bad.folder });
    await expect(failing).rejects.toThrow(/the digest differs/);
    expect(readdirSync(`${layout.prefix}/parts`)).not.toContain(one!.replace(".gz", ""));
    expect(existsSync(`${layout.prefix}/current`)).toBe(false);
  });

  test("sends a part again that has rotted on the host", async () => {
    freshLayout();
    const { folder: bundleFolder } = first;
    await bootstrap(local, layout, { bundleFolder });
    const part = readdirSync(`${layout.prefix}/parts`)[0]!;
    rmSync(`${layout.prefix}/parts/${part}`);
    writeFileSync(`${layout.prefix}/parts/${part}`, "rot");
    await expect(bootstrap(local, layout, { bundleFolder })).rejects.toThrow(/damaged/);
    await bootstrap(local, layout, { bundleFolder });
  });

  test("lets two clients install at once", async () => {
    freshLayout();
    const options = { bundleFolder: first.folder };
    const both = await Promise.all([bootstrap(local, layout, options), overSsh()]);
    const again = await Promise.all([
      bootstrap(local, layout, options),
      bootstrap(both[1], layout, options),
    ]);
    expect(again.map(({ version }) => version)).toEqual(["0.1.0", "0.1.0"]);
    await both[1].close();
  });

  test("leaves an agent alone that another client has just started", async () => {
    freshLayout();
    const options = { bundleFolder: first.folder };
    const facts = await probe(local, layout);
    await bootstrap(local, layout, options);
    const pid = await agentPid(layout);
    // These facts are from before: as for a client that asked at the same moment.
    const others = [0, 1].map(() => bootstrap(local, layout, { ...options, facts }));
    await Promise.all(others);
    expect(await agentPid(layout)).toBe(pid);
  });

  test("leaves a newer agent that another client has just brought", async () => {
    freshLayout();
    const facts = await probe(local, layout);
    await bootstrap(local, layout, { bundleFolder: second.folder });
    const pid = await agentPid(layout);
    const late = await bootstrap(local, layout, { bundleFolder: first.folder, facts });
    expect(late.version).toBe("0.2.0");
    expect(await agentPid(layout)).toBe(pid);
  });

  test("starts an agent again that hangs", async () => {
    freshLayout();
    const options = { bundleFolder: first.folder };
    await bootstrap(local, layout, options);
    const pid = await agentPid(layout);
    rmSync(layout.socket);
    await bootstrap(local, layout, options);
    expect(await agentPid(layout)).not.toBe(pid);
  });

  test("waits for an agent while another client is at it", async () => {
    freshLayout();
    await bootstrap(local, layout, { bundleFolder: first.folder });
    process.kill(Number(readFileSync(`${layout.run}/supervisor.pid`, "utf8")), "SIGTERM");
    await expect.poll(() => existsSync(layout.socket), { timeout: 5000 }).toBe(false);
    const holder = holdLock(layout.prefix);
    await once(holder.stdout, "data");
    expect((await probe(local, layout)).isChanging).toBe(true);
    const hosts = new Hosts({ prefix: layout.prefix, bundleFolder: first.folder, configFiles: [] });
    const looking = hosts.connectReadOnly("web", ssh());
    // Longer than a silent agent is waited for.
    await sleep(4500);
    const argv = ["/bin/sh", "-c", `exec "$0" </dev/null >/dev/null 2>&1 &`];
    await local.exec([...argv, `${layout.prefix}/supervise-${layout.instance}`]);
    expect((await looking).version).toBe("0.1.0");
    holder.stdin.end("\n");
    await once(holder, "exit");
    expect((await probe(local, layout)).isChanging).toBe(false);
    await hosts.close();
  });

  test("plans for a bare host without touching it, then installs once for all", async () => {
    freshLayout();
    const events: string[] = [];
    const options = { prefix: layout.prefix, bundleFolder: first.folder, configFiles: [] };
    const onBootstrap = (_host: string, event: BootstrapEvent) => events.push(event.type);
    const hosts = new Hosts({ ...options, onBootstrap });
    const bare = await hosts.connectReadOnly("web", ssh());
    const nothing = { containers: [], networks: [], volumes: [], images: [] };
    const observed = await bare.observe({ project: "p", ...nothing });
    expect(observed).toMatchObject({ containers: [], networks: [] });
    expect((await hosts.agent("web"))?.is).toBe("vacant");
    expect(existsSync(layout.prefix)).toBe(false);
    await expect(bare.containers.start("web")).rejects.toThrow(/not installed/);
    const engines = await Promise.all([
      hosts.connectAndInstall("web", ssh()),
      hosts.connectAndInstall("web", ssh()),
    ]);
    expect(engines.map(({ version }) => version)).toEqual(["0.1.0", "0.1.0"]);
    expect(events.filter((type) => type === "installed")).toHaveLength(1);
    expect(await engines[0].containers.list()).toEqual([]);
    await hosts.close();

    const again = new Hosts(options);
    await again.connectAndInstall("web", ssh());
    expect(await again.roundTrips()).toBe(2);
    await again.close();

    const older = new Hosts({ ...options, bundleFolder: second.folder });
    expect((await older.connectReadOnly("web", ssh())).version).toBe("0.1.0");
    expect(await older.agent("web")).toMatchObject({ running: "0.1.0", offered: "0.2.0" });
    expect((await older.connectAndInstall("web", ssh())).version).toBe("0.2.0");
    await older.close();

    const newer = new Hosts(options);
    expect((await newer.connectAndInstall("web", ssh())).version).toBe("0.2.0");
    await newer.close();
  });

  test("leaves a process alone that has got the number of a supervisor that crashed", async () => {
    freshLayout();
    const options = { bundleFolder: first.folder };
    await bootstrap(local, layout, options);
    const pid = await agentPid(layout);
    const file = `${layout.run}/supervisor.pid`;
    process.kill(Number(readFileSync(file, "utf8")), "SIGKILL");
    process.kill(pid, "SIGKILL");
    const bystander = spawn("sleep", ["600"]);
    try {
      writeFileSync(file, `${bystander.pid}\n`);
      await bootstrap(local, layout, options);
      expect(await agentPid(layout)).not.toBe(pid);
      const supervisor = Number(readFileSync(file, "utf8"));
      process.kill(supervisor, "SIGTERM");
      await expect.poll(() => existsSync(file), { timeout: 5000 }).toBe(false);
      writeFileSync(file, `${bystander.pid}\n`);
      await uninstall(local, layout, undefined, { force: true, volumes: true });
      expect([bystander.exitCode, bystander.signalCode]).toEqual([null, null]);
    } finally {
      bystander.kill();
    }
  });

  test("does not take a silent agent for an absent one", async () => {
    freshLayout();
    await bootstrap(local, layout, { bundleFolder: first.folder });
    process.kill(Number(readFileSync(`${layout.run}/supervisor.pid`, "utf8")), "SIGTERM");
    await expect.poll(() => existsSync(layout.socket), { timeout: 5000 }).toBe(false);
    const options = { prefix: layout.prefix, bundleFolder: first.folder, configFiles: [] };
    const hosts = new Hosts(options);
    await expect(hosts.connectReadOnly("web", ssh())).rejects.toThrow(
      /installed and does not answer/,
    );
    expect((await hosts.connectOrStart("web", ssh())).version).toBe("0.1.0");
    await hosts.close();
  });

  test("is taken off again, but not while containers are there", async () => {
    freshLayout();
    const options = { prefix: layout.prefix, bundleFolder: first.folder, configFiles: [] };
    const hosts = new Hosts(options);
    await hosts.connectAndInstall("web", ssh());
    const list = `${layout.root}/fake-containers.json`;
    writeFileSync(list, JSON.stringify([{ Id: "1", Names: ["/shop-web-1"] }]));
    await expect(hosts.uninstall("web", ssh(), {})).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("shop-web-1"),
    });
    expect(existsSync(layout.prefix)).toBe(true);
    const pid = await agentPid(layout);
    await local.exec(["mkdir", "-p", `${layout.root}/volumes/data/_data`]);
    await hosts.uninstall("web", ssh(), { force: true });
    await hosts.close();
    expect(existsSync(layout.prefix)).toBe(false);
    expect(existsSync(layout.run)).toBe(false);
    expect(readdirSync(layout.root)).toEqual(["volumes"]);
    expect(existsSync(join(layout.run, "../purged"))).toBe(true);
    expect(() => process.kill(pid, 0)).toThrow();
  });
});

/** The pid that the agent itself tells, once it is another than `not`. */
async function agentPid(layout: Layout, not = 0): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const engine = new HttpClient("x", new LocalTransport(), layout.socket);
    try {
      const info = await engine.json<{ pid: number }>({ method: "GET", path: "/fairlead/info" });
      if (info.pid !== not) return info.pid;
    } catch {
      // It is not up yet.
    } finally {
      await engine.close();
    }
    await sleep(100);
  }
  throw new Error("no agent answers");
}
