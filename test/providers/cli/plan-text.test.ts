// A plan as a person reads it: in the words of the Compose file, and at the width of the terminal.
import { createColors } from "picocolors";
import { describe, expect, it } from "vitest";
import { changeTexts } from "../../../providers/cli/screen/change-text.ts";
import { planLines } from "../../../providers/cli/screen/plan-text.ts";
import type { FieldChange, Printable } from "../../../resources/model/change.ts";
import type { Operation, Plan } from "../../../resources/plan/operation.ts";

const change = (field: string, from?: Printable, to?: Printable, cause = "declared") =>
  ({
    ...{ field, rule: "replace", cause },
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  }) as FieldChange;

describe("a change is told in the notation of the Compose file:", () => {
  const cases: [changes: FieldChange[], texts: string[]][] = [
    [
      [change("ports.8081:80/tcp", true), change("ports.8082:80/tcp", undefined, true)],
      ["port 8081 -> 8082"],
    ],
    [
      [change("ports.8081:80/tcp", true), change("ports.8081:81/tcp", undefined, true)],
      ["port 8081:80 -> 8081:81"],
    ],
    [
      [change("ports.127.0.0.1:53:53/udp", true), change("ports.53:53/udp", undefined, true)],
      ["port 127.0.0.1:53 -> 53"],
    ],
    [[change("ports.8081:80/tcp", true)], ["port 8081:80 removed"]],
    [[change("ports.53:53/udp", undefined, true)], ["port 53:53/udp added"]],
    [[change("env.LOG_LEVEL", "info", "debug")], ["env LOG_LEVEL info -> debug"]],
    [[change("env.A.B", undefined, "x", "drift")], ["env A.B -> x (changed on the host)"]],
    [[change("env.PW", "[secret]", "[secret]")], ["env PW [secret] -> [secret]"]],
    [
      [
        change(
          "mounts./data",
          { type: "volume", source: "a" },
          { type: "volume", source: "b", readOnly: true },
        ),
      ],
      ["volume /data a -> b (read-only)"],
    ],
    [
      [change("mounts./run", { type: "tmpfs" }, { type: "tmpfs", size: 64 << 20 })],
      ["volume /run tmpfs -> tmpfs 64m"],
    ],
    [[change("memory", 0, 64 << 20)], ["mem_limit none -> 64m"]],
    [[change("shmSize", 64 << 20, 1 << 30)], ["shm_size 64m -> 1g"]],
    [[change("settle", 1000, 500)], ["settle 1s -> 500ms"]],
    [[change("extraHosts.db", ["10.0.0.1"], ["10.0.0.2"])], ["extra_host db 10.0.0.1 -> 10.0.0.2"]],
    [[change("stopGracePeriod", 10_000, 90_000)], ["stop_grace_period 10s -> 1m30s"]],
    [[change("command", ["a", "b c"], ["a"])], ['command a "b c" -> a']],
    [[change("healthcheck.startPeriod", 1000, 5000)], ["healthcheck.start_period 1s -> 5s"]],
    [
      [change("healthcheck", { interval: 1000, retries: 2 }, { interval: 5000, retries: 2 })],
      ["healthcheck.interval 1s -> 5s"],
    ],
    [[change("networks.back", { aliases: [] })], ["network back left"]],
    [[change("files./run/secrets/x", "a", "b")], ["file /run/secrets/x changed"]],
    [[change("env.X", "a\u001b[2J", "b")], ["env X a\\u001b[2J -> b"]],
  ];
  for (const [changes, texts] of cases) {
    it(texts.join(", "), () => expect(changeTexts(changes, "container")).toEqual(texts));
  }
});

const operation = (action: Operation["action"], kind: string, name: string, more = {}) =>
  ({
    ...{ id: `web-1/${kind}/${name} ${action}`, action, kind, name, host: "web-1", object: name },
    ...{ cause: "is not there", changes: [], dependsOn: [], after: [], waitsFor: [] },
    ...more,
  }) as Operation;

const plan: Plan = {
  ...{ version: 1, project: "shop", direction: "up", unchanged: [] },
  hosts: [
    {
      ...{ name: "web-1", address: "ssh://deploy@203.0.113.10", engine: "fairlead" },
      ...{ version: "0.3.1", upgrade: "0.4.0" },
    },
  ],
  operations: [
    operation("create", "volume", "data"),
    operation("deliver", "files", "shop", {
      changes: [
        change("files.conf/app.conf", "sha256:a", true),
        change("files.html/new", undefined, true),
      ],
    }),
    operation("replace", "container", "api", {
      changes: [
        change("env.LOG_LEVEL", "info", "debug"),
        change("image", "app:1.4 sha256:1a2b3c4d5e6f", "app:1.5 sha256:9f8e7d6c5b4a"),
        change("ports.8081:80/tcp", true),
        change("ports.8082:80/tcp", undefined, true),
      ],
      order: { first: "start", cause: "no port or volume clashes" },
    }),
    operation("verify", "container", "mail", { cause: "is unhealthy" }),
  ],
  orphans: [{ host: "web-1", kind: "container", name: "worker", object: "shop-worker-1", id: "x" }],
  notes: [
    "web-1/container/api is given the socket of the engine: " +
      "who controls the container controls web-1",
  ],
};

describe("a plan keeps its columns and breaks between words", () => {
  it.each([80, 120])("at %i columns", async (width) => {
    const lines = planLines(plan, createColors(false), true, width);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`screens/plan-${width}.txt`);
  });

  it("in a file, where nothing is wrapped", () => {
    const lines = planLines(plan, createColors(false), true);
    expect(lines.filter((line) => line.startsWith("  "))).toHaveLength(5);
  });

  it("at any width, without losing a word", () => {
    const words = (lines: string[]) => lines.join(" ").split(/\s+/).filter(Boolean);
    const all = words(planLines(plan, createColors(false), true));
    for (let width = 20; width < 160; width += 7) {
      expect(words(planLines(plan, createColors(false), true, width))).toEqual(all);
    }
  });
});
