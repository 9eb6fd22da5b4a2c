// The provider as a process of the real terraform: Ctrl-C, a terraform that is killed, a time that
// is over, a hundred containers, noise on stdout, wrong cookies and certificates.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { selfSigned } from "../../../providers/terraform/protocol/certificate.ts";
import { start } from "../../../providers/terraform/setup/doctor.ts";
import { install } from "../../../providers/terraform/setup/install.ts";
import { LAUNCHER, thisPlatform } from "../../../providers/terraform/setup/place.ts";
import { DockerEngine, whyNoDockerd } from "../engine/reconcile/docker-engine.ts";
import { ADDRESS, TERRAFORM, Workspace, whyNoTerraform } from "./workspace.ts";

/** A machine with other things to do takes its time. */
const SLOW = { timeout: 240_000 };
const reason = whyNoTerraform() ?? whyNoDockerd();
if (reason) console.log(`the provider's process is not tried: ${reason}`);

describe.skipIf(reason !== undefined)("the provider's process", () => {
  const docker = new DockerEngine();
  const mirror = mkdtempSync(join(tmpdir(), "fairlead-mirror-"));
  const rc = join(mirror, "terraform.rc");
  const place = join(mirror, ADDRESS, "0.1.0", thisPlatform());
  beforeAll(async () => {
    install("0.1.0", { mirror, writeRc: rc });
    await docker.start();
  });
  afterAll(async () => {
    await docker.stop();
    rmSync(mirror, { recursive: true, force: true });
  });

  const host = () => `
resource "fairlead_host" "h" {
  name    = "h"
  connect = { host = "local", engine = "docker", socket = "${docker.socket}" }
}
resource "fairlead_image" "i" {
  host   = fairlead_host.h.id
  name   = "fairlead/process:1"
  rootfs = "${docker.rootfs}"
  config = { command = ["sleep", "6000"] }
}
`;
  const container = (more: string) => `${host()}
resource "fairlead_container" "c" {
  host              = fairlead_host.h.id
  name              = "app"
  image             = fairlead_image.i.ref
  init              = true
  stop_grace_period = "1s"
  ${more}
}
`;
  // It never gets well, so that an apply goes on until something ends it.
  const unwell = `
  healthcheck = { test = ["CMD", "false"], interval = "60s", start_period = "60s" }`;

  const slow = `
  healthcheck = { test = ["CMD-SHELL", "[ -f /well ]"], interval = "2s", start_period = "60s" }`;

  async function inWorkspace(work: (terraform: Workspace) => Promise<void>): Promise<void> {
    const terraform = new Workspace({ TF_CLI_CONFIG_FILE: rc });
    try {
      terraform.write(host());
      await terraform.run("init");
      await terraform.apply();
      await work(terraform);
    } finally {
      await terraform.run("destroy", "-auto-approve");
      await terraform.close();
    }
  }

  /** An apply in a process group of its own, at the moment when the container runs. */
  async function applying(terraform: Workspace) {
    const child = spawn(TERRAFORM, ["apply", "-auto-approve", "-no-color"], {
      ...{ cwd: terraform.folder, env: { ...process.env, ...terraform.env }, detached: true },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk) => said.push(String(chunk)));
    }
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    await until(
      async () => (await docker.docker("ps", "-q")) !== "",
      () => said.join(""),
    );
    return { child, ended, said: () => said.join("") };
  }

  const providers = () =>
    readdirSync("/proc").filter((pid) => {
      if (!/^\d+$/.test(pid)) return false;
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(join(mirror, ADDRESS));
      } catch {
        // It has ended meanwhile.
        return false;
      }
    });
  const nothingLeft = async (terraform: Workspace) => {
    expect(await docker.docker("ps", "-aq")).toBe("");
    expect((await terraform.run("state", "list")).text).not.toContain("fairlead_container");
  };
  const noneLeft = () =>
    until(
      async () => providers().length === 0,
      () => providers().join(" "),
    );

  test("Ctrl-C ends an apply in order, and what it had begun is taken back", SLOW, () =>
    inWorkspace(async (terraform) => {
      terraform.write(container(unwell));
      const { child, ended, said } = await applying(terraform);
      // As a terminal does it: terraform and its providers at once.
      process.kill(-child.pid!, "SIGINT");
      await ended;
      expect(said()).toMatch(/Interrupt(ed| received)/);
      await nothingLeft(terraform);
      await noneLeft();
    }),
  );

  test("a killed terraform leaves no process, and the next apply goes on", SLOW, () =>
    inWorkspace(async (terraform) => {
      terraform.write(container(slow));
      const { child, ended } = await applying(terraform);
      child.kill("SIGKILL");
      await ended;
      await noneLeft();
      expect(await docker.docker("ps", "--format", "{{.Names}}")).toBe("app\n");
      // The state knows nothing of the container, whose labels say that it is this one.
      const id = await docker.docker("ps", "-q");
      await docker.docker("exec", "app", "sh", "-c", ": > /well");
      const next = await terraform.apply();
      expect(next).toMatch(/the container app was there already, as declared/);
      expect(await docker.docker("ps", "-q")).toBe(id);
      expect((await terraform.plan()).code).toBe(0);
    }),
  );

  test("an operation that takes too long is an error, and what it had begun is taken back", () =>
    inWorkspace(async (terraform) => {
      terraform.write(container(`${unwell}\n timeouts = { create = "2s" }`));
      const late = await terraform.run("apply", "-auto-approve");
      expect(late.code).toBe(1);
      expect(late.text).toMatch(/The time for this operation is over/);
      await nothingLeft(terraform);
      terraform.write(container('timeouts = { create = "soon" }'));
      expect((await terraform.run("validate")).text).toMatch(/"soon" is not a duration/);
    }));

  test("a hundred containers come up, are as declared, and go", { timeout: 400_000 }, () =>
    inWorkspace(async (terraform) => {
      const one = container(`command = ["sleep", "5000"]\n settle = "10ms"`);
      const index = ["$", "{count.index}"].join("");
      const many = one.replace('"c" {', '"c" {\n  count = 100').replace(`= "app"`, `= "c${index}"`);
      terraform.write(many);
      expect(await terraform.apply("-parallelism=20")).toContain("100 added");
      expect((await terraform.plan("-parallelism=100")).text).toContain("No changes");
      const ours = () => docker.docker("ps", "-aq", "--filter", "name=^/c[0-9]+$");
      expect((await ours()).split("\n").filter(Boolean).length).toBe(100);
      const { text } = await terraform.run("destroy", "-auto-approve", "-parallelism=20");
      expect(text).toContain("102 destroyed");
      expect(await ours()).toBe("");
    }),
  );

  const startWith = (env: NodeJS.ProcessEnv) => start(place, { ...process.env, ...env });
  const noisy = (when: string) => {
    const file = join(mirror, `${when}.cjs`);
    const noise = 'console.log("noise"); process.stdout.write("");';
    writeFileSync(file, when === "early" ? noise : `setImmediate(() => { ${noise} });`);
    return { NODE_OPTIONS: `--require ${file}` };
  };

  test("noise on stdout goes to stderr; what was there before is told by the doctor", async () => {
    expect((await startWith(noisy("late"))).resources).toBe(6);
    await expect(startWith(noisy("early"))).rejects.toThrow(
      /its first line is not a handshake: "noise"/,
    );
  });

  test("is no program for people, nor for another client", async () => {
    const run = (cookie: string) => () =>
      execFileSync(join(place, LAUNCHER), {
        ...{ encoding: "utf8", stdio: "pipe" },
        env: { ...process.env, TF_PLUGIN_MAGIC_COOKIE: cookie },
      });
    expect(run("")).toThrow(/Terraform starts it by itself/);
    expect(run("another")).toThrow(/Terraform starts it by itself/);
    const other = selfSigned();
    await expect(start(place, process.env, other)).rejects.toThrow(
      /certificate|does not answer|socket|ECONNRESET/i,
    );
    const { startMs } = await start(place);
    // On a machine with nothing else to do it takes under 150 ms; npm run bench:terraform says.
    expect(startMs).toBeLessThan(5000);
  });
});

async function until(isSo: () => Promise<boolean>, said: () => string): Promise<void> {
  for (let waited = 0; waited < 120_000; waited += 100) {
    if (await isSo()) return;
    await sleep(100);
  }
  throw new Error(`it did not come about: ${said()}`);
}
