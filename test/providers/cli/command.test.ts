// The built command without any host: arguments, help, exit codes, errors, safe output.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BuiltCommand, outcomeOf } from "./built-command.ts";

let command: BuiltCommand;
beforeAll(() => {
  command = new BuiltCommand();
});
afterAll(() => command?.remove());

const GOOD = "name: app\nservices: {web: {image: 'x:1', ports: ['80']}}\n";

describe("the command", () => {
  it("prints the resolved model as YAML and JSON, and the names in it", async () => {
    command.write("compose.yaml", `${GOOD}volumes: {unused: }\n`);
    expect((await command.run("config")).stdout).toContain("image: x:1\n");
    const json = JSON.parse((await command.run("config", "--json")).stdout);
    expect(json.services.web.ports[0].target).toBe(80);
    expect((await command.run("config", "--services")).stdout).toBe("web\n");
    expect((await command.run("config", "--images", "--json")).stdout).toBe('[\n  "x:1"\n]\n');
    expect(await command.run("config", "-q")).toEqual({ code: 0, stdout: "", stderr: "" });
  });

  it("takes files, project and variables from before or after the command's name", async () => {
    command.write("other.yaml", "services: {web: {image: 'y:$V'}}\n");
    command.write("v.env", "V=7\n");
    const options = ["-f", "other.yaml", "-p", "named", "--env-file", "v.env"];
    for (const args of [
      [...options, "config"],
      ["config", ...options],
    ]) {
      const { stdout } = await command.run(...args);
      expect(stdout).toContain("name: named\n");
      expect(stdout).toContain("image: y:7\n");
    }
    const both = await command.run("-f", "compose.yaml", "config", "-f", "other.yaml");
    expect(both.stdout).toContain("target: 80");
    expect(both.stderr).toContain("warning: The variable V is not set");
  });

  it("tells all problems at once, with place, path and what to do, and exits with 1", async () => {
    command.write("bad.yaml", "services:\n  web:\n    imgae: x\n    prots: []\n  db: 5\n");
    for (const name of ["config", "plan", "up", "down", "ps", "logs"]) {
      const { code, stdout, stderr } = await command.run(name, "--file", "bad.yaml");
      expect({ name, code, stdout }).toEqual({ name, code: 1, stdout: "" });
      expect(stderr).toBe(
        [
          "bad.yaml:3:5: services.web.imgae: unknown key",
          "    Did you mean image?",
          "bad.yaml:4:5: services.web.prots: unknown key",
          "    Did you mean ports?",
          "bad.yaml:5:3: services.db: must be a map, not the number 5",
          "error: 3 problems in the Compose files",
          "",
        ].join("\n"),
      );
    }
  });

  it("prints no password of a host with the model, and the path of a key", async () => {
    const host = "{host: a, password: p-$PW, becomePassword: b-$PW, privateKey: ~/.ssh/id}";
    const proxied = "{host: b, proxy: [{host: c, password: deep}]}";
    const text = `x-fairlead: {hosts: {a: ${host}, b: ${proxied}}, host: a}\n${GOOD}`;
    command.write("hosts.yaml", text);
    for (const format of ["yaml", "json"]) {
      const started = command.start(["config", "-f", "hosts.yaml", "--format", format], {
        PW: "x",
      });
      const { stdout } = await outcomeOf(started);
      expect(stdout).not.toMatch(/p-x|b-x|deep/);
      expect(stdout.match(/\[secret\]/g)).toHaveLength(3);
      expect(stdout).toContain("~/.ssh/id");
    }
  });

  it("tells errors as JSON when asked", async () => {
    const { code, stdout, stderr } = await command.run("plan", "-f", "bad.yaml", "--json");
    expect([code, stdout]).toEqual([1, ""]);
    const { error } = JSON.parse(stderr);
    expect(error.code).toBe("invalid");
    expect(error.problems[0]).toMatchObject({
      at: { file: "bad.yaml", line: 3, column: 5 },
      path: "services.web.imgae",
    });
  });

  it("prints no control character of a file", async () => {
    command.write("escape.yaml", 'services: {"a\\u001b[2Jb": {image: x}}\nx: "\\u009b31m"\n');
    const { stderr } = await command.run("config", "-f", "escape.yaml");
    expect(stderr).toContain("\\u001b[2J");
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it("refuses unknown commands, options and services, and says what is near", async () => {
    const cases: [args: string[], says: string][] = [
      [["pln"], "Did you mean plan?"],
      [["plan", "--detailed-exit-code"], "Did you mean --detailed-exitcode?"],
      [["exec", "wbe", "true"], "no service wbe"],
      [["logs", "wbe"], "Did you mean web?"],
      [["plan", "--host", "nowhere"], "no host nowhere"],
      [["plan", "-f", "missing.yaml"], "no file"],
      [["plan", "-p", "Not Valid"], "invalid project name"],
      [["ps", "--format", "{{.Nme}}"], "there is no field .Nme"],
      [["config", "--format", "xml"], "Allowed choices are yaml, json"],
      [["plan", "--connect-timeout", "soon"], "soon is not a duration"],
      [["tunnel", "nowhere"], "no host nowhere"],
      [["docker", "--json", "--", "ps"], "Ask docker itself"],
    ];
    command.write(
      "compose.yaml",
      GOOD.replace("name:", "x-fairlead: {hosts: {h: '127.0.0.1:1'}}\nname:"),
    );
    for (const [args, says] of cases) {
      const timeout = args[0] === "exec" || args[0] === "logs" ? ["--connect-timeout", "1s"] : [];
      const outcome = await command.run(args[0] ?? "", ...timeout, ...args.slice(1));
      expect([args, outcome.code]).toEqual([args, 1]);
      if (timeout.length === 0) expect(outcome.stderr).toContain(says);
      expect(outcome.stderr).not.toMatch(/\n\s+at /);
    }
  });

  it("says which host cannot be reached", async () => {
    const { code, stderr } = await command.run("plan", "--connect-timeout", "2s");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*127\.0\.0\.1/);
  });

  it("has help for every command", async () => {
    const { stdout } = await command.run("--help");
    const names = [...stdout.matchAll(/^ {2}([a-z]+) \[/gm)].map(([, name]) => name ?? "");
    expect(names).toEqual(
      expect.arrayContaining(["plan", "up", "down", "ps", "logs", "exec", "config", "docker"]),
    );
    expect(stdout).toContain("Exit codes:");
    for (const name of names.filter((one) => one !== "help")) {
      const help = await command.run(name, "--help");
      expect([name, help.code]).toEqual([name, 0]);
      expect(help.stdout).toContain(`Usage: fairlead ${name}`);
    }
    expect((await command.run("--version")).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(JSON.parse((await command.run("version", "--json")).stdout).version).toMatch(/^\d/);
  });

  it("answers words of Docker Compose that are none of its own", async () => {
    for (const name of ["push", "watch"]) {
      const { code, stderr } = await command.run(name, "--quiet", "web");
      expect([code, stderr]).toEqual([1, expect.stringContaining(`no command ${name}`)]);
    }
  });

  it("tells a wait as JSON when asked, and every other line of standard error", async () => {
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    command.write("silent.yaml", `x-fairlead: {hosts: {h: '127.0.0.1:${port}'}}\n${GOOD}`);
    const args = ["plan", "--json", "--connect-timeout", "2s", "-f", "silent.yaml"];
    const { code, stderr } = await command.run(...args);
    silent.close();
    const lines = stderr
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(code).toBe(1);
    expect(lines[0]).toEqual({
      wait: { host: "h", what: expect.any(String), elapsedMs: expect.any(Number) },
    });
    expect(lines.at(-1)).toEqual({ error: expect.objectContaining({ code: "unavailable" }) });
  });

  it("prints completion scripts that shells take", async () => {
    const { stdout } = await command.run("completion", "bash");
    const ask = `source /dev/stdin <<'END'\n${stdout}\nEND\nCOMP_WORDS=(fairlead re); COMP_CWORD=1
_fairlead; printf '%s\\n' "\${COMPREPLY[@]}"
COMP_WORDS=(fairlead host ""); COMP_CWORD=2; _fairlead; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const found = execFileSync("bash", ["-c", ask], { encoding: "utf8" }).split("\n");
    expect(found).toEqual(expect.arrayContaining(["restart", "ls", "info", "uninstall"]));
    expect(found).not.toContain("up");
    for (const shell of ["zsh", "fish"]) {
      expect((await command.run("completion", shell)).stdout).toContain("restart");
    }
    expect((await command.run("completion", "tcsh")).stderr).toContain("bash, zsh and fish");
  });
});
