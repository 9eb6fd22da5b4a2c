// docs/first-server.md as a reader follows it, on a bare host: its files are taken from the page.
// Only the address is the lab's, and `caddy:2` an image from Debian's busybox.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab, whyNoLab } from "../lab/lab.ts";
import { Project } from "./project.ts";

const reason = whyNoLab();
if (reason) console.log(`skipped: ${reason}`);

const PAGE = readFileSync("docs/first-server.md", "utf8");

/** The files of the page: a name in backticks before the block that is its content. */
function filesOf(page: string): Map<string, string> {
  const blocks = page.matchAll(/^`([^`\s]+)`[^\n]*\n\n```\w*\n([\s\S]*?)```/gm);
  return new Map([...blocks].map(([, name, text]) => [name!, text!]));
}

describe.skipIf(reason !== undefined)("a first server, as its page tells", () => {
  let lab: Lab;
  let project: Project;
  const files = filesOf(PAGE);
  // The image of a registry is what a bare lab cannot have.
  const override = `services:
  web:
    command: [httpd, -f, -v, -p, "80", -h, /srv]
    x-fairlead: { image: { rootfs: ./rootfs } }
`;
  const put = (name: string, text: string) => {
    mkdirSync(dirname(join(project.folder, name)), { recursive: true });
    writeFileSync(join(project.folder, name), text);
  };
  const fairlead = (...args: string[]) =>
    project.fairlead("-f", "compose.yaml", "-f", "lab.yaml", ...args);
  const succeed = (...args: string[]) =>
    project.succeed("-f", "compose.yaml", "-f", "lab.yaml", ...args);
  const page = () => lab.ask(lab.host("h1"), "127.0.0.1", 80);
  const idOf = async () => (JSON.parse(await succeed("ps", "--json")) as { id: string }[])[0]?.id;

  beforeAll(async () => {
    lab = await Lab.open(1);
    project = new Project();
    const { address } = lab.host("h1");
    for (const [name, text] of files) put(name, text.replace("203.0.113.10", address));
    put("lab.yaml", override);
    put("home/.ssh/config", `Host ${address}\n  IdentityFile ${lab.privateKeyPath}\n`);
  });
  afterAll(async () => {
    project?.remove();
    await lab?.close();
  });

  test("has the three files that it needs", () => {
    expect([...files.keys()]).toEqual(["compose.yaml", "Caddyfile", "html/index.html"]);
  });

  test("asks for the host's key once, and plans without changing anything", async () => {
    const unknown = await fairlead("plan");
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain("--accept-new-host-key");
    const plan = await succeed("plan", "--accept-new-host-key");
    for (const part of ["volume", "network", "image", "files", "container"]) {
      expect(plan).toContain(part);
    }
    expect(await lab.ssh(lab.host("h1"), "ls /opt/fairlead 2>/dev/null || true")).toBe("");
  });

  test("makes it so, and finds nothing to do the second time", async () => {
    await succeed("up", "--yes");
    expect(await page()).toContain("<h1>It runs</h1>");
    expect(await succeed("up", "--yes")).toContain("No changes");
    expect((await fairlead("plan", "--detailed-exitcode")).code).toBe(0);
  });

  test("sends a changed page without a restart, and plans for a changed Caddyfile", async () => {
    const before = await idOf();
    put("html/index.html", "<h1>It runs on</h1>\n");
    await succeed("up", "--yes");
    expect(await page()).toContain("<h1>It runs on</h1>");
    expect(await idOf()).toBe(before);
    put("Caddyfile", `${files.get("Caddyfile")}# changed\n`);
    expect(await succeed("plan")).toMatch(/± container\s+web\s+replace\s+Caddyfile changed/);
    expect((await fairlead("plan", "--detailed-exitcode")).code).toBe(2);
  });

  test("shows what runs, and is taken down without a trace", async () => {
    expect(await succeed("ps")).toContain("web");
    expect(await succeed("exec", "web", "sh", "-c", "ls /srv")).toBe("index.html\n");
    await succeed("down", "--yes", "--volumes");
    await succeed("host", "uninstall", "web-1", "--volumes");
    const left = "ls -d /opt/fairlead /var/lib/fairlead /run/fairlead 2>/dev/null || true";
    expect(await lab.ssh(lab.host("h1"), left)).toBe("");
  });
});
