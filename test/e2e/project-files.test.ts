// A project's folder as it is, on a host that has nothing of it: files are brought there, changed,
// and taken away again, and what containers write stays theirs.
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Lab, whyNoLab } from "../lab/lab.ts";
import { hostEntry, Project } from "./project.ts";

const reason = whyNoLab();
if (reason) console.log(`skipped: ${reason}`);

const SERVICES = `
  web:
    <<: *image
    command: [sh, -c, "trap 'echo got HUP' HUP; while :; do sleep 0.1; done"]
    volumes:
      - ./conf/app.conf:/etc/app.conf:ro
      - ./html:/srv:ro
      - ./data:/data
      - ../shared.txt:/shared.txt:ro
  reload:
    <<: *image
    command: [sh, -c, "trap 'cp /etc/app.conf /tmp/got' HUP; while :; do sleep 0.1; done"]
    volumes: ["./reload.conf:/etc/app.conf"]
    x-fairlead: { onChange: signal HUP, image: { rootfs: ./rootfs } }
  again:
    <<: *image
    command: [sh, -c, "cp /etc/app.conf /tmp/got; exec sleep 1000"]
    volumes: ["./again.conf:/etc/app.conf:ro"]
    x-fairlead: { onChange: restart, image: { rootfs: ./rootfs } }
`;

describe.skipIf(reason !== undefined)("the files of a project", () => {
  let lab: Lab;
  let project: Project;
  const path = (name: string) => join(project.folder, "app", name);
  const put = (name: string, text: string) => {
    mkdirSync(join(path(name), ".."), { recursive: true });
    writeFileSync(path(name), text);
  };
  const fairlead = (...args: string[]) => project.fairlead("-f", "app/compose.yaml", ...args);
  const succeed = (...args: string[]) => project.succeed("-f", "app/compose.yaml", ...args);
  const inside = (service: string, command: string) =>
    succeed("exec", service, "sh", "-c", command);
  const onHost = (command: string) => lab.ssh(lab.host("h1"), command);
  const idOf = async (service: string) =>
    (JSON.parse(await succeed("ps", "--json", service)) as { id: string }[])[0]?.id;
  const write = (services = SERVICES, top = "") =>
    put(
      "compose.yaml",
      `name: app
x-fairlead: { hosts: { ${hostEntry(lab, lab.host("h1"))} }${top} }
x-image: &image
  image: lab/busybox:1
  x-fairlead: { image: { rootfs: ../rootfs } }
  stop_grace_period: 0s
services:${services.replaceAll("./rootfs", "../rootfs")}`,
    );

  beforeAll(async () => {
    lab = await Lab.open(1);
    project = new Project(lab);
    write();
    put("conf/app.conf", "one\n");
    put("html/index.html", "hello\n");
    put("html/run.sh", "#!/bin/sh\necho ran\n");
    chmodSync(path("html/run.sh"), 0o750);
    mkdirSync(path("html/empty"));
    symlinkSync("index.html", path("html/link"));
    put("html/debug.log", "not for hosts\n");
    put("data/seed.sql", "seed\n");
    put("reload.conf", "reload 1\n");
    put("again.conf", "again 1\n");
    put(".fairleadignore", "# comment\n*.log\n**/*.log\n!conf\n");
    project.write("shared.txt", "shared\n");
  });
  afterAll(async () => {
    project?.remove();
    await lab?.close();
  });

  test("are in the plan by size, and come to the host as they are here", async () => {
    expect(await succeed("plan")).toMatch(/\+ files\s+app\s+deliver\s+7 files, 58 B/);
    await succeed("up", "--yes");
    expect(await inside("web", "cat /etc/app.conf /srv/link /data/seed.sql /shared.txt")).toBe(
      "one\nhello\nseed\nshared\n",
    );
    const list = "cd /srv && find . | sort; stat -c '%a' run.sh; readlink link; /srv/run.sh";
    expect((await inside("web", list)).split("\n").filter(Boolean)).toEqual([
      ...[".", "./empty", "./index.html", "./link", "./run.sh"],
      ...["750", "index.html", "ran"],
    ]);
    expect(await succeed("plan")).toMatch(/no changes/i);
    expect(
      await onHost("find / -xdev -name debug.log -o -xdev -name app.conf -path '/work*'"),
    ).toBe("");
  });

  test("make a container anew when a file of it changes, and are named in the plan", async () => {
    put("conf/app.conf", "two\n");
    const before = await Promise.all(["web", "reload", "again"].map(idOf));
    const plan = await succeed("plan");
    expect(plan).toMatch(/\+ files\s+app\s+deliver\s+file conf\/app.conf changed\n/);
    expect(plan).toMatch(/± container\s+web\s+replace\s+conf\/app.conf changed/);
    await succeed("up", "--yes");
    expect(await inside("web", "cat /etc/app.conf")).toBe("two\n");
    const after = await Promise.all(["web", "reload", "again"].map(idOf));
    expect(after.map((id, at) => id === before[at])).toEqual([false, true, true]);
  });

  test("signal or restart it when that is wished", async () => {
    const before = await Promise.all(["web", "reload", "again"].map(idOf));
    put("reload.conf", "reload 2\n");
    put("again.conf", "again 2\n");
    const plan = await succeed("plan");
    expect(plan).toMatch(/~ container\s+reload\s+signal\s+reload.conf changed/);
    expect(plan).toMatch(/~ container\s+again\s+restart\s+again.conf changed/);
    await succeed("up", "--yes");
    expect(await inside("again", "cat /tmp/got")).toBe("again 2\n");
    expect(await inside("reload", "sleep 0.5; cat /tmp/got")).toBe("reload 2\n");
    expect(await Promise.all(["web", "reload", "again"].map(idOf))).toEqual(before);
    expect(await succeed("plan")).toMatch(/no changes/i);
  });

  test("leave what a container wrote where it may write, and tell of a conflict", async () => {
    await inside("web", "echo mine > /data/own.txt; echo theirs > /data/seed.sql");
    expect(await succeed("plan")).toMatch(/no changes/i);
    put("data/seed.sql", "seed 2\n");
    put("data/more.sql", "more\n");
    const plan = await succeed("plan");
    expect(plan).toMatch(/note: data\/seed.sql changed here and in the container on h1/);
    expect(plan).toMatch(/file data\/more.sql added/);
    const before = await idOf("web");
    await succeed("up", "--yes");
    expect(await inside("web", "cat /data/own.txt /data/seed.sql /data/more.sql")).toBe(
      "mine\ntheirs\nmore\n",
    );
    expect(await idOf("web")).toBe(before);
    rmSync(path("data/more.sql"));
    rmSync(path("data/seed.sql"));
    await succeed("up", "--yes");
    expect(await inside("web", "ls /data")).toBe("own.txt\nseed.sql\n");
    put("data/seed.sql", "seed\n");
    await succeed("up", "--yes");
  });

  test("come back when somebody changes them on the host", async () => {
    await onHost("echo wrong > $(find /var/lib/fairlead/projects -name index.html)");
    expect(await succeed("plan")).toMatch(/file html\/index.html changed \(changed on the host\)/);
    await succeed("up", "--yes");
    expect(await inside("web", "cat /srv/index.html")).toBe("hello\n");
  });

  test("do not follow a link that a container put in their way", async () => {
    await inside("web", "mkdir -p /data/sub && rm -rf /data/sub && ln -s /etc /data/sub");
    put("data/sub/pwned", "x\n");
    const { code, stderr } = await fairlead("up", "--yes");
    expect([code, stderr]).toEqual([0, expect.anything()]);
    expect(await onHost("ls /etc/pwned 2>/dev/null || echo none")).toBe("none\n");
    expect(await inside("web", "readlink /data/sub; ls /etc/pwned 2>/dev/null || echo none")).toBe(
      "/etc\nnone\n",
    );
    rmSync(path("data/sub"), { recursive: true });
  });

  test("are refused when they are too large, or no files", async () => {
    put("html/big.bin", "");
    truncateSync(path("html/big.bin"), 200_000_000);
    const large = await fairlead("plan");
    expect(large.code).toBe(1);
    expect(large.stderr).toMatch(/files are 200 MB, more than 100 MB: html\/big.bin \(200 MB\)/);
    write(SERVICES, ", files_limit: 1k");
    expect((await fairlead("plan")).stderr).toMatch(/more than 1.0 kB/);
    rmSync(path("html/big.bin"));
    write(
      SERVICES.replace(
        "./html:/srv:ro",
        "{ type: bind, source: ./gone, target: /srv, bind: { create_host_path: false } }",
      ),
    );
    expect((await fairlead("plan")).stderr).toMatch(/gone is not there/);
    write();
  });

  test("stay when the project goes down, and go with --volumes", async () => {
    // What goes down needs no files: neither those that are too large nor those that are not there.
    write(SERVICES, ", files_limit: 1");
    await succeed("down", "--yes");
    write();
    expect(await onHost("ls /var/lib/fairlead/projects/app/tree/here")).toContain("data");
    expect(await succeed("down", "--yes", "--volumes")).toMatch(/- files\s+app\s+remove/);
    expect(await onHost("ls /var/lib/fairlead/projects")).toBe("");
  });
});
