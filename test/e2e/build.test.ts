// Images built on hosts that have nothing but SSH, as a user builds them with examples/build: once,
// not again, and again when something has changed.
import { cpSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab, whyNoLab } from "../lab/lab.ts";
import { Line } from "../lab/line.ts";
import { hostEntry, Project } from "./project.ts";

const reason = whyNoLab();
if (reason) console.log(`skipped: ${reason}`);

const WEB = "build-example-web:latest";
const TOKEN = "s3cr3t-f0r-the-build-alone";

describe.skipIf(reason !== undefined)("images that are built on hosts", () => {
  let lab: Lab;
  let project: Project;
  const put = (name: string, text: string) => {
    const path = join(project.folder, "app", name);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
  };
  const read = (name: string) => project.read(`app/${name}`);
  const files = ["-f", "app/compose.yaml", "-f", "lab.yaml"];
  const fairlead = (...args: string[]) => project.fairlead(...files, ...args);
  const succeed = (...args: string[]) => project.succeed(...files, ...args);
  const onHost = (command: string, host = "h1") => lab.ssh(lab.host(host), command);
  const page = (host = "h1") => lab.ask(lab.host(host), "127.0.0.1", 8081);
  const seen = async () =>
    (JSON.parse(await succeed("ps", "--all", "--json")) as { id: string }[]).map(({ id }) => id);
  const hostKey = async () => {
    const keys = await onHost("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub");
    return keys.split(" ")[1] ?? "";
  };
  // What a bare lab lacks is the registry of the base image; here it is a service that is built.
  const overriding = (more = "", hosts = "[h1]", entry = hostEntry(lab, lab.host("h1"))) =>
    project.write(
      "lab.yaml",
      `x-fairlead: { hosts: { local: !reset null, ${entry}, ${hostEntry(lab, lab.host("h2"))} } }
services:
  web:
    x-fairlead: { hosts: ${hosts} }
    build:
      network: none
      additional_contexts: { "busybox:1.37": "service:base" }
${more}
  base:
    scale: 0
    image: lab/busybox:1
    build: { context: ../rootfs, dockerfile_inline: "FROM scratch\\nCOPY . /\\nENV PATH=/bin" }
    x-fairlead: { host: h1 }
`,
    );

  beforeAll(async () => {
    lab = await Lab.open(2);
    project = new Project(lab);
    process.env.TOKEN = TOKEN;
    cpSync("examples/build", join(project.folder, "app"), { recursive: true });
    overriding();
  });
  afterAll(async () => {
    delete process.env.TOKEN;
    project?.remove();
    await lab?.close();
  });

  test("come into being with the first up, step by step", async () => {
    const plan = await succeed("plan");
    expect(plan).toMatch(/\+ image\s+build-example-web\s+build\s+is not on the host/);
    expect(plan).not.toContain(TOKEN);
    const { code, stdout, stderr } = await fairlead("up", "--yes");
    expect([code, stderr]).toEqual([0, expect.anything()]);
    expect(stderr).toMatch(/\[page 4\/4\] RUN --mount=type=secret,id=token,required=true sed/);
    expect(stderr).toMatch(/h1 image build-example-web built/);
    expect(stdout + stderr).not.toContain(TOKEN);
    expect(await page()).toContain(
      `<h1>Built by fairlead</h1>\n<p>The build was given a token of ${TOKEN.length} bytes.`,
    );
  });

  test("are left alone when nothing has changed", async () => {
    expect(await succeed("up", "--yes")).toMatch(/no changes/i);
    const before = await seen();
    const { stdout, stderr } = await fairlead("up", "--yes", "--build");
    expect(stdout).toMatch(/no changes/i);
    expect(stderr).toContain("[page 4/4] RUN");
    expect(stderr.match(/ cached$/gm)).toHaveLength(5);
    expect(await seen()).toEqual(before);
  });

  test("are built again when a file changes, and their containers are replaced", async () => {
    put("site/page.html", "<h1>@TITLE@, again</h1>\n");
    put("README.md", "left out by .dockerignore");
    const before = await seen();
    const plan = await succeed("plan");
    expect(plan).toMatch(/\+ image\s+build-example-web\s+build\s+site\/page.html changed\n/);
    expect(plan).toMatch(/± container\s+web\s+replace/);
    expect(plan).not.toContain("lab/busybox");
    await succeed("up", "--yes");
    expect(await page()).toContain("<h1>Built by fairlead, again</h1>");
    expect(await seen()).not.toEqual(before);
  });

  test("leave what runs alone when a step fails, and say what it wrote", async () => {
    const before = await seen();
    const good = read("Dockerfile");
    put("Dockerfile", good.replace("index.html\n\n", "index.html && echo why >&2 && exit 7\n\n"));
    const { code, stderr } = await fairlead("up", "--yes");
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /build failed: building build-example-web:latest failed at \[page 4\/4\] RUN/,
    );
    expect(stderr).toContain("returned a non-zero code: 7");
    expect(stderr).toMatch(/^ +.*\bwhy$/m);
    expect(await seen()).toEqual(before);
    expect(await page()).toContain("again</h1>");
    put("Dockerfile", good);
    expect(await succeed("plan")).toMatch(/no changes/i);
  });

  test("are built to the end by the next up when the line breaks in the middle", async () => {
    const { address, name } = lab.host("h1");
    const line = await Line.open(address, 22);
    const cut = hostEntry(lab, lab.host("h1")).replace(
      address,
      `127.0.0.1, port: ${line.port}, hostKey: "${await hostKey()}"`,
    );
    put("site/slow", "1");
    const good = read("Dockerfile");
    put(
      "Dockerfile",
      good.replace("WORKDIR /work\n", "WORKDIR /work\nCOPY site/slow .\nRUN sleep 3\n"),
    );
    overriding("", "[h1]", cut);
    const up = project.start(...files, "up", "--yes");
    await up.said(/RUN sleep 3/);
    line.close();
    const { code, stdout, stderr } = await up.done;
    expect([code, stdout + stderr]).toEqual([1, expect.stringContaining(name)]);
    overriding();
    // The step that was cut off is not left running.
    expect(await onHost(`pgrep -f "[s]leep 3" || echo none`)).toBe("none\n");
    await succeed("up", "--yes");
    expect(await page()).toContain("again</h1>");
    put("Dockerfile", good);
    await succeed("up", "--yes");
  });

  test("are built once, and brought to the other hosts", async () => {
    overriding("", "[h1, h2]");
    const plan = await succeed("plan");
    expect(plan).toMatch(/\+ image\s+build-example-web\s+deliver\s+is not on the host/);
    expect(plan).not.toMatch(/image\s+build-example-web\s+build|lab\/busybox/);
    await succeed("up", "--yes");
    const idOf = async (host: string) =>
      (
        await succeed("docker", "--host", host, "--", "image", "inspect", "-f", "{{.Id}}", WEB)
      ).trim();
    expect(await idOf("h2")).toBe(await idOf("h1"));
    expect(await page("h2")).toContain("again</h1>");
    put("site/page.html", "<h1>both</h1>\n");
    expect(await succeed("plan")).toMatch(/deliver\s+site\/page.html changed/);
    await succeed("up", "--yes");
    expect(await Promise.all(["h1", "h2"].map((host) => page(host)))).toEqual([
      expect.stringContaining("both"),
      expect.stringContaining("both"),
    ]);
    expect(await succeed("plan")).toMatch(/no changes/i);
  });

  test("are built by the command build, and not by up with --no-build", async () => {
    expect(await succeed("build", "--build-arg", "TITLE=x", "--dry-run", "web")).toMatch(
      /build\s+argument TITLE changed/,
    );
    const { code, stderr } = await fairlead("build", "--no-cache", "--progress", "plain", "web");
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("cached")]);
    put("site/page.html", "<h1>third</h1>\n");
    expect(await succeed("up", "--yes", "--no-build")).not.toMatch(/\+ image/);
    expect(await page()).toContain("both");
  });

  test("copy nothing that a link in the context leads to", async () => {
    symlinkSync("/etc/shadow", join(project.folder, "app/site/shadow"));
    const good = read("Dockerfile");
    put("Dockerfile", good.replace("COPY site/page.html .", "COPY site/page.html site/shadow ./"));
    const { code, stderr } = await fairlead("up", "--yes");
    expect([code, stderr]).toEqual([1, expect.stringContaining('"site/shadow": not found')]);
    rmSync(join(project.folder, "app/site/shadow"));
    put("Dockerfile", good);
    put("huge", "");
    truncateSync(join(project.folder, "app/huge"), 2e9);
    expect((await fairlead("plan")).stderr).toContain("build context is 2.0 GB, more than 1.0 GB");
    rmSync(join(project.folder, "app/huge"));
  });

  test("leave no secret on a host", async () => {
    for (const host of ["h1", "h2"]) {
      const found = `grep -rlF ${TOKEN} /var/lib/fairlead /run/fairlead /var/log /tmp /root`;
      expect(await onHost(`${found} 2>/dev/null || true`, host)).toBe("");
    }
    const history = await succeed("docker", "--host", "h1", "--", "history", "--no-trunc", WEB);
    expect(history).not.toContain(TOKEN);
  });
});
