// What runtime-spec 1.2 and 1.3 added, and seccomp listeners.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, describe, expect, it } from "vitest";
import { Bench, type Config, missing } from "./bundle.ts";
import { check, fails } from "./container-case.ts";

const bench = missing ? undefined : new Bench();
afterAll(() => bench?.close());

const works = (program: string, ...args: string[]) => {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};

/** A network device with an address, for as long as the work takes. */
function withDevice<T>(name: string, work: () => T): T {
  execFileSync("ip", ["link", "add", name, "type", "veth", "peer", "name", `${name}p`]);
  try {
    execFileSync("ip", ["addr", "add", "10.213.7.9/24", "dev", name]);
    return work();
  } finally {
    works("ip", "link", "del", `${name}p`);
  }
}

const noNuma =
  missing ?? (existsSync("/proc/self/numa_maps") ? undefined : "the kernel has no NUMA");

describe.skipIf(noNuma)(`a memory policy (skipped: ${noNuma ?? "no"})`, () => {
  const policy =
    (mode: string, nodes: string, ...flags: string[]) =>
    (config: Config) => {
      config.linux.memoryPolicy = { mode, nodes, flags };
    };
  check(bench, {
    title: "holds for the process",
    line: "cut -d' ' -f2 /proc/self/numa_maps | sort -u",
    edit: policy("MPOL_BIND", "0", "MPOL_F_STATIC_NODES"),
    out: "bind=static:0",
  });
  check(bench, {
    title: "of an unknown mode is refused",
    line: "true",
    edit: policy("MPOL_NONE", "0"),
    err: /linux\.memoryPolicy\.mode: is not a memory policy: MPOL_NONE/,
    status: 1,
  });
  check(bench, {
    title: "that the kernel refuses is an error",
    line: "true",
    edit: policy("MPOL_BIND", "1023"),
    err: /set memory policy: Invalid argument/,
    status: 1,
  });
});

const noIp = missing ?? (works("ip", "-V") ? undefined : "iproute2 is not installed");

describe.skipIf(noIp)(`a network device (skipped: ${noIp ?? "no"})`, () => {
  const host = `fl${process.pid}`.slice(0, 13);

  it("moves in under its new name, with its address, and is up", () => {
    const outcome = withDevice(host, () =>
      bench!.sh("ip addr show eth9; ip link | grep -c ^", (config) => {
        config.linux.netDevices = { [host]: { name: "eth9" } };
      }),
    );
    expect(outcome.err).toBe("");
    expect(outcome.out).toMatch(/eth9@\w+: <[^>]*\bUP\b/);
    expect(outcome.out).toMatch(/inet 10\.213\.7\.9\/24 scope global eth9\n.*\n4\n$/s);
  });

  it("that does not exist, or has nowhere to go, is refused", () => {
    const edited = (edit: (config: Config) => void, message: RegExp) => {
      const { id, folder } = bench!.bundle(edit);
      fails(bench!, ["run", "-b", folder, id], message);
    };
    edited((config) => {
      config.linux.netDevices = { nosuch0: {} };
    }, /find network device: nosuch0: No such device/);
    edited((config) => {
      config.linux.netDevices = { lo: {} };
      config.linux.namespaces = config.linux.namespaces.filter(
        ({ type }: { type: string }) => type !== "network",
      );
    }, /linux\.netDevices needs a network namespace/);
    edited((config) => {
      config.linux.netDevices = { lo: { name: "a-name-that-is-too-long" } };
    }, /linux\.netDevices\.lo\.name: must have from 1 to 15 bytes/);
  });
});

const noPython = missing ?? (works("python3", "-V") ? undefined : "python3 is not installed");
const MKDIR = ["83", "258", "34"]; // mkdir, mkdirat on x86-64; mkdirat on arm64

describe.skipIf(noPython)(`a seccomp listener (skipped: ${noPython ?? "no"})`, () => {
  /** Runs the work beside a program that answers calls; gives the state that it was sent. */
  async function answered(work: (socket: string) => void): Promise<Config> {
    const socket = join(bench!.folder, `seccomp-${Math.random()}`);
    const script = join(import.meta.dirname, "seccomp-agent.py");
    const agent = spawn("python3", [script, socket, ...MKDIR], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const lines = createInterface(agent.stdout)[Symbol.asyncIterator]();
      expect((await lines.next()).value).toBe("listening");
      work(socket);
      return JSON.parse((await lines.next()).value);
    } finally {
      agent.kill();
    }
  }
  const listen = (socket: string) => (config: Config) => {
    config.linux.seccomp = {
      defaultAction: "SCMP_ACT_ALLOW",
      listenerPath: socket,
      listenerMetadata: "for the test",
      // Also the calls that handing the listener over could need.
      syscalls: [
        {
          names: ["mkdir", "mkdirat", "sendmsg", "sendto", "write", "close", "execve", "capset"],
          action: "SCMP_ACT_NOTIFY",
        },
      ],
    };
  };

  it("answers the calls of a container, from the first on", async () => {
    const state = await answered((socket) => {
      const outcome = bench!.sh("mkdir /made && echo fine; test -e /made || echo none", (c) =>
        listen(socket)(c),
      );
      expect(outcome).toEqual({ status: 0, out: "fine\nnone\n", err: "" });
    });
    expect(state).toMatchObject({
      fds: ["seccompFd"],
      metadata: "for the test",
      state: { status: "created", pid: state.pid, bundle: expect.stringContaining("/c") },
    });
  });

  it("is handed over by start, too, and for a process that joins", async () => {
    let id = "";
    const first = await answered((socket) => {
      id = bench!.sleeper(listen(socket));
    });
    expect(first.pid).toBe(bench!.state(id).pid);
    fails(bench!, ["exec", id, "true"], /connect to seccomp listener: .*refused/);
    bench!.call(["delete", "--force", id]);
  });

  it("that nobody holds is an error and leaves nothing", () => {
    const { id, folder } = bench!.bundle(listen("/run/no-such-listener"));
    fails(bench!, ["run", "-b", folder, id], /connect to seccomp listener: .*No such file/);
    expect(bench!.call(["list", "-q"]).out).not.toContain(id);
  });
});

describe.skipIf(missing)(`the command line (skipped: ${missing ?? "no"})`, () => {
  it("tells what a container uses", () => {
    const id = bench!.sleeper();
    const { type, data } = JSON.parse(bench!.call(["events", "--stats", id]).out);
    expect(type).toBe("stats");
    expect(data.cpu.usage.total).toBeGreaterThan(0);
    expect(data.memory.usage.usage).toBeGreaterThan(0);
    expect(data.pids.current).toBe(1);
    fails(bench!, ["events", "--interval", "soon", id], /must be a time such as 5s/);
    bench!.call(["delete", "--force", id]);
    fails(bench!, ["events", "--stats", id], /does not exist/);
  });

  it("refuses checkpoint and restore with the way out", () => {
    for (const name of ["checkpoint", "restore"])
      fails(bench!, [name, "--image-path", "/tmp/x", "any"], /not supported; run .* with crun/);
  });

  it("writes a configuration that an ordinary user can run", () => {
    const { folder } = bench!.bundle();
    execFileSync("rm", [join(folder, "config.json")]);
    expect(bench!.call(["spec", "--rootless", "-b", folder]).err).toBe("");
    const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
    expect(config.linux.uidMappings).toEqual([{ containerID: 0, hostID: 0, size: 1 }]);
    expect(config.linux.resources).toBeUndefined();
    expect(config.linux.namespaces.map(({ type }: { type: string }) => type)).toEqual(
      expect.not.arrayContaining(["network"]),
    );
    config.process.terminal = false;
    config.process.args = ["sh", "-c", "id -u; test -d /sys/kernel && echo sys"];
    execFileSync("tee", [join(folder, "config.json")], { input: JSON.stringify(config) });
    const outcome = bench!.call(["run", "-b", folder, "rootless"]);
    expect(outcome).toEqual({ status: 0, out: "0\nsys\n", err: "" });
  });
});
