// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Dockerfiles.
// What builds do beside making the right image: the cache, what BuildKit's frontend added to
// Dockerfiles, what is left behind, and contexts that want out.
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentMissing, startAgent } from "../../conformance/engines.ts";
import { Builder } from "./builder.ts";

const missing = agentMissing();
let builder: Builder;

const idOf = (tag: string) => builder.docker(["image", "inspect", "-f", "{{.Id}}", tag]).out;
const inside = (tag: string, command: string) =>
  builder.docker(["run", "--rm", "--network", "none", tag, "sh", "-c", command]).text;

describe.skipIf(missing !== undefined)(`building images (skipped: ${missing ?? "no"})`, () => {
  beforeAll(async () => {
    builder = await Builder.open(startAgent);
  });
  afterAll(() => builder?.close());

  test("the same build again is the same image, and runs nothing", () => {
    const files = { Dockerfile: "FROM base:1\nRUN date +%N > /n\nCOPY f /\nENV A=1", f: "1" };
    expect(builder.build(files, ["-t", "same:1"]).text).not.toContain("Using cache");
    const again = builder.build(files, ["-t", "same:2"]);
    expect(again.text.match(/Using cache/g)).toHaveLength(2);
    expect(idOf("same:2")).toBe(idOf("same:1"));
    const changed = builder.build({ ...files, f: "2" }, ["-t", "same:3"]);
    expect(changed.text.match(/Using cache/g)).toHaveLength(1);
    expect(inside("same:3", "cat /f")).toBe("2");
    builder.build(files, ["-t", "same:4", "--no-cache"]);
    expect(idOf("same:4")).not.toBe(idOf("same:1"));
  });

  test("a date for everything makes two builds of one digest", () => {
    const files = { Dockerfile: "FROM base:1\nRUN echo x > /f\nCOPY g /", g: "g" };
    const dated = ["--no-cache", "--build-arg", "SOURCE_DATE_EPOCH=1000000000"];
    builder.build(files, ["-t", "dated:1", ...dated]);
    builder.build(files, ["-t", "dated:2", ...dated]);
    expect(idOf("dated:1")).toBe(idOf("dated:2"));
    expect(inside("dated:1", "stat -c %Y /f")).toBe("1000000000\n");
  });

  test("nothing is left but the image: no container, no image without a name", () => {
    builder.build({ Dockerfile: "FROM base:1\nRUN echo 1 > /1\nRUN echo 2 > /2\nRUN exit 3" });
    expect(builder.docker(["ps", "-aq"]).out).toBe("");
    expect(builder.docker(["images", "-aq", "-f", "dangling=true"]).out).toBe(
      builder.docker(["images", "-q", "-f", "dangling=true"]).out,
    );
    const left = execFileSync("ls", [join(builder.engine.folder, "root/build")], {
      encoding: "utf8",
    });
    expect(left).not.toMatch(/context|scratch/);
  });

  test("the cache survives a restart of the agent, and goes with a prune", async () => {
    const files = { Dockerfile: "FROM base:1\nRUN echo kept > /k" };
    builder.build(files);
    await builder.engine.restart("SIGKILL");
    expect(builder.build(files).text).toContain("Using cache");
    builder.docker(["builder", "prune", "-af"]);
    expect(builder.build(files).text).not.toContain("Using cache");
  });

  test("an agent that is killed in the middle of a step leaves nothing of it", async () => {
    const context = join(builder.folder, "killed");
    mkdirSync(context);
    writeFileSync(join(context, "Dockerfile"), "FROM base:1\nRUN sleep 1000");
    const host = ["-H", `unix://${builder.engine.socket}`];
    const env = { ...process.env, DOCKER_BUILDKIT: "0" };
    const build = ["build", "--network", "none", context];
    const child = spawn("docker", [...host, ...build], { env, stdio: "ignore" });
    const ended = new Promise((resolve) => child.once("exit", resolve));
    await expect.poll(() => builder.docker(["ps", "-q"]).out, { timeout: 30_000 }).not.toBe("");
    await builder.engine.restart("SIGKILL");
    await ended;
    expect(builder.docker(["ps", "-aq"]).out).toBe("");
  });

  const MODERN: [title: string, files: Record<string, string>, command: string, says: string][] = [
    [
      "a script as a here-document",
      { Dockerfile: "FROM base:1\nRUN <<EOF\nset -e\nA=1\necho $A > /f\nEOF" },
      "cat /f",
      "1\n",
    ],
    [
      "a script for another program",
      { Dockerfile: "FROM base:1\nRUN <<EOF\n#!/bin/sh\necho $0 it\\'s > /f\nEOF" },
      "cut -d' ' -f2 /f; ls -A /run",
      "it's\nls: /run: No such file or directory\n",
    ],
    [
      "a here-document for a command",
      { Dockerfile: "FROM base:1\nRUN cat <<A > /a && cat <<B > /b\none\nA\ntwo\nB" },
      "cat /a /b",
      "one\ntwo\n",
    ],
    [
      "files as here-documents, with variables and without",
      { Dockerfile: "FROM base:1\nARG V=x\nCOPY <<f <<-'g' /d/\n$V\nf\n\t$V\n\tg" },
      "cat /d/f /d/g",
      "x\n$V\n",
    ],
    [
      "a mode for what is copied",
      { Dockerfile: "FROM base:1\nCOPY --chmod=0751 f d /x/", f: "f", "d/g": "g" },
      "stat -c '%a %n' /x/f /x/g",
      "751 /x/f\n751 /x/g\n",
    ],
    [
      "folders above the sources",
      { Dockerfile: "FROM base:1\nCOPY --parents a/b/c.txt d /x/", "a/b/c.txt": "", "d/e": "" },
      "cd /x; find . -type f | sort",
      "./a/b/c.txt\n./d/e\n",
    ],
    [
      "exceptions",
      {
        Dockerfile: "FROM base:1\nCOPY --exclude=*.md --exclude=s/t . /x",
        "a.md": "",
        b: "",
        "s/t/u": "",
        "s/v": "",
      },
      "cd /x; find . -type f | sort",
      "./Dockerfile\n./b\n./s/v\n",
    ],
    [
      "a cache between builds, which is in no image",
      {
        Dockerfile:
          "FROM base:1\nRUN --mount=type=cache,target=/c echo 1 >> /c/n; wc -l < /c/n > /n",
      },
      "cat /n; ls -d /c",
      "1\nls: /c: No such file or directory\n",
    ],
    [
      "a cache for one step at a time, which one step mounts twice",
      {
        Dockerfile: [
          "FROM base:1",
          "RUN --mount=type=cache,id=l,sharing=locked,target=/c1 " +
            "--mount=type=cache,id=l,sharing=locked,target=/c2 echo x > /c1/f && cp /c2/f /f",
        ].join("\n"),
      },
      "cat /f",
      "x\n",
    ],
    [
      "a bind of the context and of a stage",
      {
        Dockerfile:
          "FROM base:1 AS one\nRUN echo s > /s\nFROM base:1\n" +
          "RUN --mount=target=/ctx --mount=from=one,source=/s,target=/m cat /ctx/f /m > /both",
        f: "f\n",
      },
      "cat /both; ls /ctx /m",
      "f\ns\nls: /ctx: No such file or directory\nls: /m: No such file or directory\n",
    ],
    [
      "a bind that a step writes to for itself alone",
      {
        Dockerfile: [
          "FROM base:1",
          "RUN --mount=type=bind,target=/c,rw echo 2 >> /c/f && cp /c/f /g && touch /c/new",
          "RUN --mount=type=bind,target=/c ls /c > /l; cat /c/f >> /l",
          "RUN --mount=type=bind,from=base:1,target=/c,rw touch /c/new",
          "RUN --mount=type=bind,from=base:1,target=/c ls /c >> /l",
        ].join("\n"),
        f: "1\n",
      },
      "cat /g; grep -c new /l; head -n 3 /l; ls -d /c",
      "1\n2\n0\nDockerfile\nf\n1\nls: /c: No such file or directory\n",
    ],
    [
      "memory as a folder",
      {
        Dockerfile: [
          "FROM base:1",
          "RUN --mount=type=tmpfs,target=/t touch /t/x && grep -c ' /t tmpfs'" +
            " /proc/mounts > /n",
        ].join("\n"),
      },
      "cat /n; ls /t",
      "1\nls: /t: No such file or directory\n",
    ],
    [
      "a secret that was not given and is not needed",
      { Dockerfile: "FROM base:1\nRUN --mount=type=secret,id=s ls /run/secrets > /f 2>&1; true" },
      "cat /f",
      "ls: /run/secrets: No such file or directory\n",
    ],
    [
      "where it is built for",
      {
        Dockerfile: [
          "FROM --platform=$BUILDPLATFORM base:1",
          "ARG TARGETARCH",
          "ARG TARGETOS",
          "RUN echo $TARGETOS $TARGETARCH > /f",
        ].join("\n"),
      },
      "cat /f",
      "linux amd64\n",
    ],
    [
      "parts of variables",
      {
        Dockerfile: [
          "FROM base:1",
          "ARG V=a.tar.gz",
          "ENV X=${V%.gz} Y=${V%%.*} Z=${V#*.} W=${V/tar/zip}",
          "RUN echo $X $Y $Z $W > /f",
        ].join("\n"),
      },
      "cat /f",
      "a.tar a tar.gz a.zip.gz\n",
    ],
    [
      "the owner of a folder that a user works in",
      { Dockerfile: "FROM base:1\nUSER app\nWORKDIR /tmp/x" },
      "stat -c %u /tmp/x",
      "1000\n",
    ],
  ];
  test.each(MODERN)("%s", (title, files, command, says) => {
    const tag = `modern:${MODERN.findIndex(([one]) => one === title)}`;
    const built = builder.build(files, ["-t", tag]);
    expect(built.text).toContain("Successfully tagged");
    expect(inside(tag, command)).toBe(says);
  });

  test("triggers of a base are run by the image that is built on it", () => {
    builder.build({ Dockerfile: "FROM base:1\nONBUILD RUN echo t > /t\nONBUILD ENV T=1" }, [
      "-t",
      "trigger:1",
    ]);
    builder.build({ Dockerfile: "FROM trigger:1\nRUN echo $T >> /t" }, ["-t", "trigger:2"]);
    expect(inside("trigger:2", "cat /t")).toBe("t\n1\n");
    expect(builder.docker(["image", "inspect", "-f", "{{.Config.OnBuild}}", "trigger:2"]).out).toBe(
      "[]",
    );
  });

  test("a volume of the base does not swallow what a command writes there", () => {
    builder.build({ Dockerfile: "FROM base:1\nRUN mkdir /v\nVOLUME /v" }, ["-t", "volume:1"]);
    const built = builder.build({ Dockerfile: "FROM volume:1\nRUN echo in > /v/f" }, [
      "-t",
      "volume:2",
    ]);
    expect(built.text).toContain("Successfully tagged");
    expect(inside("volume:2", "cat /v/f")).toBe("in\n");
  });

  test("archives are taken apart by ADD alone", () => {
    const context = join(builder.folder, "archives");
    mkdirSync(join(context, "in"), { recursive: true });
    writeFileSync(join(context, "in/x"), "x");
    execFileSync("tar", ["-C", context, "-czf", join(context, "a.tgz"), "in"]);
    writeFileSync(join(context, "Dockerfile"), "FROM base:1\nADD a.tgz /add/\nCOPY a.tgz /copy/");
    expect(builder.docker(["build", "-t", "archives:1", context]).status).toBe(0);
    expect(inside("archives:1", "cat /add/in/x; ls /copy /add")).toBe(
      "x/add:\nin\n\n/copy:\na.tgz\n",
    );
  });

  test("errors name the line, the instruction and what to do", () => {
    const said = (dockerfile: string, ...options: string[]) =>
      builder.build({ Dockerfile: dockerfile }, options).text;
    expect(said("FROM base:1\n\nRUN exit 7")).toContain(
      "Dockerfile line 3: The command 'exit 7' returned a non-zero code: 7",
    );
    expect(said("FROM base:1\nCOPY none /")).toContain('Dockerfile line 2: "none": not found');
    expect(said("FROM base:1\nCOPPY a b")).toContain(
      "Dockerfile line 2: unknown instruction: COPPY",
    );
    expect(said("FROM base:1\nRUN --mount=type=secret,id=s,required true")).toContain(
      "Dockerfile line 2: secret s: not found",
    );
    expect(said("FROM base:1\nRUN --security=insecure true")).toContain("is not allowed");
  });

  test("a Dockerfile that grows without an end is refused at the line that is too large", () => {
    const doubling = `FROM base:1\nENV A=xxxxxxxxxx\n${"ENV A=$A$A\n".repeat(40)}`;
    const ran = builder.build({ Dockerfile: doubling });
    expect([ran.status, ran.text]).toEqual([
      1,
      expect.stringMatching(/Dockerfile line 20: .*"\$A\$A": it becomes longer than 1 MiB/),
    ]);
    const labels = Array.from({ length: 60 }, (_, index) => `LABEL l${index}=$A`).join("\n");
    const file = `FROM base:1\nARG A=${"x".repeat(100_000)}\n${labels}`;
    expect(builder.build({ Dockerfile: file }).text).toContain(
      "the image's configuration becomes larger than 4 MiB",
    );
  });

  test("no link in a context leads to a file of the host", () => {
    const secret = join(builder.folder, "host-secret");
    writeFileSync(secret, "host only");
    const context = join(builder.folder, "hostile");
    mkdirSync(context);
    symlinkSync(secret, join(context, "link"));
    symlinkSync(builder.folder, join(context, "folder"));
    writeFileSync(join(context, "Dockerfile"), "FROM base:1\nCOPY folder/host-secret /x\n");
    expect(builder.docker(["build", context]).text).toContain("not found");
    writeFileSync(
      join(context, "Dockerfile"),
      "FROM base:1\nRUN --mount=target=/c cat /c/link || true\n",
    );
    expect(builder.docker(["build", context]).text).not.toContain("host only");
    writeFileSync(
      join(context, "Dockerfile"),
      "FROM base:1\nRUN ln -s / /up\nCOPY Dockerfile /up/../../../../tmp/escaped\n",
    );
    builder.docker(["build", context]);
    expect(existsSync("/tmp/escaped")).toBe(false);
  });
});
