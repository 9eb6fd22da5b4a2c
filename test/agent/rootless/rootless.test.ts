import { execFileSync, spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmdirSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../../lab/shell.ts";
import { UserAgent, whyNoUser } from "./user-agent.ts";

const reason = whyNoUser();
if (reason) console.log(`skipped: ${reason}`);

const UNIFIED = existsSync("/sys/fs/cgroup/cgroup.procs")
  ? "/sys/fs/cgroup"
  : "/sys/fs/cgroup/unified";

const UDP_ECHO =
  "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); " +
  's.bind(("0.0.0.0", 5300)); [s.sendto(*s.recvfrom(100)) for i in range(99)]';

describe.skipIf(reason !== undefined)("the agent of an ordinary user", () => {
  let agent: UserAgent;
  let outside: Server;
  let rootfs: string;
  const cgroup = join(UNIFIED, `flu-${process.pid}`);
  const port = 20_000 + (process.pid % 10_000);
  const address = execFileSync("hostname", ["-I"], { encoding: "utf8" }).split(" ")[0] ?? "";
  // Busybox's wget as the containers have it; a server of this machine is the outside.
  const fetchOutside = ["wget", "-q", "-O-", `http://${address}:${port + 1}/`];

  beforeAll(async () => {
    agent = new UserAgent();
    outside = createServer((_, response) => response.end("from outside")).listen(port + 1);
    execFileSync("sh", ["examples/hello/make-rootfs.sh"]);
    rootfs = join(agent.folder, "rootfs");
    cpSync("examples/hello/rootfs", rootfs, { recursive: true, verbatimSymlinks: true });
  });
  afterEach(() => agent.end());
  afterAll(async () => {
    outside?.close();
    await agent?.remove();
    if (existsSync(cgroup)) rmdirSync(cgroup);
  });

  test("keeps networks, ports and volumes over its own death, and leaves nothing", async () => {
    await agent.start();
    agent.load(rootfs, "busybox");
    await agent.ok("network", "create", "front");
    // Busybox has no UDP server: the host's python, by way of a read-only view of its root.
    const echo = `chroot /host /usr/bin/python3 -c '${UDP_ECHO}'`;
    const ports = ["-p", `${port}:80`, "-p", `127.0.0.1:${port}:5300/udp`];
    const volume = ["-v", "data:/srv", "-v", "/:/host:ro"];
    const web = ["--name", "web", "--init", "--network", "front", "busybox"];
    await agent.ok(
      "run",
      "-d",
      ...ports,
      ...volume,
      ...web,
      "sh",
      "-c",
      `${echo} & httpd -f -h /srv`,
    );
    const page = async () =>
      (await fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(5000) })).text();
    await eventually("the port is relayed", 10_000, () => page().then(Boolean, () => false));
    expect(await datagram(port, "hello")).toBe("hello");
    await agent.kill();
    expect(await page()).toContain("Hello");
    await agent.start();
    expect(await datagram(port, "again")).toBe("again");
    const client = ["run", "--rm", "--network", "front", "busybox", "sh", "-c"];
    const script = `wget -q -O- http://web/; ${fetchOutside.join(" ")}`;
    expect(await agent.ok(...client, script)).toBe("<h1>Hello from fairlead</h1>\nfrom outside");
    expect(await agent.ok("exec", "web", "id", "-u")).toBe("0\n");
    await agent.ok("network", "disconnect", "front", "web");
    await expect(page()).rejects.toThrow();
    await agent.ok("network", "connect", "front", "web");
    expect(await page()).toContain("Hello");
    await agent.end();
    expect(agent.processes()).toBe("");
  });

  test("lets no other user at what its containers have written", async () => {
    await agent.start();
    chmodSync(join(agent.folder, "home"), 0o755);
    agent.load(rootfs, "busybox");
    const plant =
      "for to in /data /tmp; do cp /bin/busybox $to/whoami; chmod 6755 $to/whoami; done";
    const box = ["-d", "--name", "box", "-v", "data:/data", "busybox"];
    await agent.ok("run", ...box, "sh", "-c", `${plant}; sleep 1000`);
    const find = [
      "-c",
      `find ${join(agent.folder, "home/state")} -type f -perm -4000 -name whoami`,
    ];
    const found = () => execFileSync("sh", find, { encoding: "utf8" }).trim().split("\n");
    await eventually("all is laid", 10_000, async () => found().length === 2);
    const other = ["--reuid=65534", "--regid=65534", "--clear-groups", "--", "sh", "-c", '"$0"'];
    for (const path of found()) {
      expect(String(spawnSync("setpriv", [...other, path]).stderr)).toMatch(/denied/);
    }
    await agent.ok("rm", "-f", "box");
  });

  test("says what is not possible, and runs the rest by slirp4netns", async () => {
    await agent.start({ hidden: ["/usr/bin/passt"] });
    expect(await agent.ok("run", "--rm", "busybox", ...fetchOutside)).toBe("from outside");
    const run = ["run", "--rm"];
    const cases: [string[], RegExp][] = [
      [["-m", "64m"], /Memory.*not delegated/],
      [["--cpus", "1"], /NanoCpus.*not delegated/],
      [["--pid", "host"], /PidMode/],
      [["--oom-score-adj", "-500"], /OomScoreAdj/],
      [["--device-cgroup-rule", "b 8:* rw"], /DeviceCgroupRules/],
      [["-p", "80:80"], /ip_unprivileged_port_start/],
      [["-u", "70000"], /id 70000 is not one of/],
    ];
    for (const [options, words] of cases) {
      expect((await agent.docker(...run, ...options, "busybox", "true")).err).toMatch(words);
    }
    const host = ["--network", "host", "busybox", ...fetchOutside];
    expect(await agent.ok(...run, ...host)).toBe("from outside");
    const tun = ["--device", "/dev/net/tun:/dev/mine", "busybox", "ls", "/dev/mine"];
    expect(await agent.ok(...run, ...tun)).toBe("/dev/mine\n");
    await agent.ok("run", "-d", "--name", "still", "busybox", "sleep", "1000");
    expect((await agent.docker("pause", "still")).err).toContain("no freezer");
    expect(await agent.ok("top", "still")).toContain("sleep 1000");
  });

  test("has no network that leads out where neither program is, and says so", async () => {
    await agent.start({ hidden: ["/usr/bin/passt", "/usr/bin/slirp4netns"] });
    const refused = await agent.docker("run", "--rm", "busybox", "true");
    expect(refused.err).toMatch(/neither pasta nor slirp4netns.*install passt/);
    expect(await agent.ok("info", "-f", "{{.Warnings}}")).toContain("no network leads out");
    await agent.ok("network", "create", "--internal", "inner");
    const inner = ["--network", "inner", "busybox"];
    await agent.ok("run", "-d", "--name", "inside", ...inner, "httpd", "-f", "-h", "/srv");
    const ask = [...inner, "wget", "-q", "-O-", "http://inside/"];
    expect(await agent.ok("run", "--rm", ...ask)).toContain("Hello");
    const none = ["run", "--rm", "--network", "none", "busybox", "ls", "/sys/class/net"];
    expect(await agent.ok(...none)).toBe("lo\n");
  });

  test("uses the part of the cgroup tree that it was given", async () => {
    if (!existsSync(join(UNIFIED, "cgroup.procs"))) return console.log("skipped: no cgroup v2");
    mkdirSync(cgroup);
    for (const file of ["", "cgroup.procs", "cgroup.subtree_control", "cgroup.threads"]) {
      chownSync(join(cgroup, file), agent.uid, agent.uid);
    }
    await agent.start({ cgroup });
    await agent.ok("start", "still");
    await agent.ok("pause", "still");
    expect(await agent.ok("inspect", "-f", "{{.State.Status}}", "still")).toBe("paused\n");
    await agent.ok("unpause", "still");
    const own = ["run", "--rm", "busybox", "grep", "0::", "/proc/self/cgroup"];
    expect(await agent.ok(...own)).toBe("0::/\n");
    await agent.end();
    const left = readdirSync(cgroup, { withFileTypes: true }).filter((one) => one.isDirectory());
    expect(left).toEqual([]);
  });

  test("has one id where nobody gave the user more, and refuses what needs others", async () => {
    await agent.start({ hidden: ["/usr/bin/newuidmap"] });
    expect(await agent.ok("info", "-f", "{{.Warnings}}")).toContain("one id only");
    execFileSync("chown", ["1000:1000", join(rootfs, "srv")]);
    expect(() => agent.load(rootfs, "others")).toThrow(/its owner has no id here/);
    execFileSync("chown", ["0:0", join(rootfs, "srv")]);
    agent.load(rootfs, "alone");
    expect(await agent.ok("run", "--rm", "-t", "alone", "id", "-u")).toBe("0\r\n");
    const other = await agent.docker("run", "--rm", "-u", "1000", "alone", "true");
    expect(other.err).toContain("id 1000 is not one of the 1");
  });
});

/** Sends to a port of this machine and gives the answer. */
// Sent again until it is answered: the server in the container may still be starting.
function datagram(port: number, text: string): Promise<string> {
  const socket = createSocket("udp4");
  return new Promise<string>((resolve, reject) => {
    const send = () => socket.send(text, port, "127.0.0.1");
    const again = setInterval(send, 250);
    const timer = setTimeout(() => {
      clearInterval(again);
      reject(new Error("no answer in 10 s"));
    }, 10_000);
    socket.once("message", (message) => {
      clearInterval(again);
      clearTimeout(timer);
      resolve(message.toString());
    });
    send();
  }).finally(() => socket.close());
}
