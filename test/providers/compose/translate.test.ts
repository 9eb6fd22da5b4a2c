// Where containers are placed, what of a file is secret, and what is refused by name.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { ContainerSpec } from "../../../resources/kinds/container/container.ts";
import { Secret } from "../../../resources/model/secret.ts";
import { folder, named, refusal, translated } from "./translated.ts";

describe("a variable whose value the files do not say is a secret:", () => {
  const environment = { DBPW: "hunter2", LEVEL: "" };
  const cases: [attributes: string, secrets: string[]][] = [
    [`environment: {A: $DBPW, B: plain, C: $$DBPW, D: "\${UNSET-default}"}`, ["A"]],
    ["environment: [A=x-$DBPW, B=plain, DBPW, E=$LEVEL]", ["A", "DBPW"]],
    ["environment: {DBPW: , OTHER: 5}", ["DBPW"]],
    ["env_file: own.env, environment: {B: over}", ["A", "F"]],
    ["environment: {F: $DBPW}, env_file: own.env", ["A", "B", "F"]],
    ["extends: {file: base.yaml, service: base}", ["A"]],
    ["extends: {file: base.yaml, service: base}, environment: {A: plain}", []],
  ];
  for (const [attributes, secrets] of cases) {
    it(attributes, () => {
      writeFileSync(join(folder, "own.env"), "A=1\nB=2\nF=3\n");
      const base = "services: {base: {image: x, environment: {A: $DBPW, Z: z}}}";
      writeFileSync(join(folder, "base.yaml"), base);
      const { stack } = translated(`services: {web: {image: x, ${attributes}}}`, environment);
      const container = named(stack.resources, "container", "web")?.spec as ContainerSpec;
      const hidden = Object.entries(container.env ?? {}).filter(([, one]) => one instanceof Secret);
      expect(hidden.map(([name]) => name).sort()).toEqual(secrets);
      expect(JSON.stringify(container)).not.toContain("hunter2");
    });
  }
});

describe("jump hosts", () => {
  const via = (proxy: string) =>
    `x-fairlead: {hosts: {a: {host: a, proxy: ${proxy}}}}\nservices: {web: {image: x}}`;
  it.each([
    ["ops@203.0.113.5", [{ host: "203.0.113.5", user: "ops" }]],
    ["'ops@b:2222, c'", [{ host: "b", user: "ops", port: 2222 }, { host: "c" }]],
    ["[b, {host: c, user: d}]", [{ host: "b" }, { host: "c", user: "d" }]],
    ["{host: c}", [{ host: "c" }]],
  ])("may be written as %s", (text, proxy) => {
    expect(translated(via(text)).stack.hosts.a).toMatchObject({ host: "a", proxy });
  });
  it.each([["'b c'"], ["{host: c, usr: d}"], ["5"], ["[{user: d}]"]])(
    "are refused as %s where that is written",
    (text) => {
      expect(refusal(via(text))).toMatch(/^compose.yaml:2:\d+: x-fairlead.hosts.a.proxy/);
    },
  );
});

describe("containers are placed:", () => {
  const hosts = "x-fairlead: {hosts: {one: ssh://a@10.0.0.1, two: ssh://a@10.0.0.2}}\n";
  const place = (text: string) =>
    translated(hosts + text).replicas.map(({ host, name, object }) => `${host} ${name} ${object}`);

  it("without hosts on this machine", () => {
    expect(translated("services: {web: {image: x}}").stack.hosts).toEqual({
      local: { host: "local" },
    });
  });
  it("replicas get numbers, and the first one keeps the service's name", () => {
    expect(place("services: {web: {image: x, scale: 2, x-fairlead: {host: two}}}")).toEqual([
      "two web app-web-1",
      "two web-2 app-web-2",
    ]);
  });
  it("one on each of several hosts", () => {
    expect(place("services: {web: {image: x, x-fairlead: {hosts: [one, two]}}}")).toEqual([
      "one web app-web-1",
      "two web-2 app-web-2",
    ]);
  });
  it("in turn where there are more than hosts", () => {
    const text = "services: {web: {image: x, scale: 3, x-fairlead: {hosts: [one, two]}}}";
    expect(place(text)).toEqual([
      "one web app-web-1",
      "two web-2 app-web-2",
      "one web-3 app-web-3",
    ]);
  });
  it("global services on every host", () => {
    const text = "services: {web: {image: x, deploy: {mode: global}}}";
    expect(place(text)).toEqual(["one web app-web-1", "two web-2 app-web-2"]);
  });
  it("dependencies name the other host", () => {
    const { stack } = translated(`${hosts}services:
  web:
    image: x
    x-fairlead: {host: one}
    depends_on: {db: {condition: service_healthy, required: false}}
  db: {image: x, x-fairlead: {host: two}}
`);
    const web = stack.resources.find(({ kind, name }) => kind === "container" && name === "web");
    expect(web?.dependsOn).toEqual([
      { name: "db", host: "two", condition: "healthy", required: false },
    ]);
  });
});

describe("deploy.placement is over the declared hosts:", () => {
  const hosts =
    "x-fairlead: {host: a, hosts: {a: {host: a, labels: {zone: x}}, " +
    "b: {host: b, labels: {zone: y, disk: ssd}}, c: {host: c, labels: {zone: y}}}}";
  const cases: [deploy: string, expected: string[]][] = [
    ["{placement: {constraints: [node.hostname == c]}}", ["c"]],
    ["{placement: {constraints: ['node.labels.disk==SSD']}}", ["b"]],
    ["{replicas: 3, placement: {constraints: [node.labels.disk != ssd]}}", ["a", "c", "a"]],
    ["{mode: global, placement: {constraints: [node.labels.zone == y]}}", ["b", "c"]],
    ["{replicas: 4, placement: {preferences: [{spread: node.labels.zone}]}}", ["a", "b", "a", "c"]],
    [
      "{replicas: 5, placement: {max_replicas_per_node: 2, " +
        "preferences: [{spread: node.labels.zone}]}}",
      ["a", "b", "a", "c", "b"],
    ],
    ["{placement: {constraints: [node.role == manager, node.platform.os == linux]}}", ["a"]],
    ["{replicas: 2}", ["a", "a"]],
  ];
  for (const [deploy, expected] of cases) {
    it(deploy, () => {
      const { replicas } = translated(`${hosts}\nservices: {web: {image: x, deploy: ${deploy}}}`);
      expect(replicas.map(({ host }) => host)).toEqual(expected);
    });
  }
});

describe("what cannot be honoured is refused where it stands:", () => {
  const hosts = "x-fairlead: {hosts: {one: ssh://a@10.0.0.1, two: ssh://a@10.0.0.2}}\n";
  const cases: [what: string, text: string, says: string[]][] = [
    ["no host", `${hosts}services: {web: {image: x}}`, ["services.web: has no host", "one, two"]],
    [
      "an unknown host",
      `${hosts}services: {web: {image: x, x-fairlead: {host: tow}}}`,
      ["host tow is not declared", "Did you mean two?"],
    ],
    [
      "an unknown key of the extension",
      "services: {web: {image: x, x-fairlead: {hots: one}}}",
      ["services.web.x-fairlead.hots: unknown key", "Did you mean host?"],
    ],
    [
      "a bad host address",
      "x-fairlead: {hosts: {one: 'ftp://x y'}}\nservices: {web: {image: x}}",
      ["x-fairlead.hosts.one"],
    ],
    [
      "ports that clash",
      "services:\n  a: {image: x, ports: ['80:80']}\n" +
        "  b: {image: x, ports: ['127.0.0.1:80:8080']}\n",
      ["services.b.ports[0]: host port 80/tcp of local is already published by a (compose.yaml:3)"],
    ],
    [
      "one port of several replicas",
      "services: {a: {image: x, scale: 2, ports: ['80:80']}}",
      ["wanted by several containers of this service"],
    ],
    [
      "a range for one port",
      "services: {a: {image: x, ports: ['80-90:80']}}",
      ["is a range for one container port"],
    ],
    [
      "a bad image reference",
      "services: {a: {image: 'X y'}}",
      ["compose.yaml:2", "services.a.image", "not an image reference"],
    ],
    [
      "external secrets",
      "services: {a: {image: x, secrets: [s]}}\nsecrets: {s: {external: true}}",
      ["secrets.s: external"],
    ],
    [
      "unset variables",
      "services: {a: {image: x, secrets: [s]}}\nsecrets: {s: {environment: NOPE}}",
      ["the variable NOPE is not set"],
    ],
    [
      "links to another host",
      `${hosts}services: {a: {image: x, links: ['b:c'], x-fairlead: {host: one}}, ` +
        "b: {image: x, x-fairlead: {host: two}}}",
      ["services.a.links: c is b, which is on two"],
    ],
    [
      "a constraint that nothing here can judge",
      "services: {a: {image: x, deploy: {placement: {constraints: [engine.labels.a == b]}}}}",
      ["services.a.deploy.placement.constraints[0]", "node.labels.NAME"],
    ],
    [
      "constraints that no host meets",
      "services: {a: {image: x, deploy: {placement: {constraints: [node.labels.a == b]}}}}",
      ["placement.constraints: no host meets them; there are local"],
    ],
    [
      "more containers than hosts may have",
      "services: {a: {image: x, deploy: {replicas: 3, placement: {max_replicas_per_node: 2}}}}",
      ["2 on each of 1 hosts are fewer than 3 containers"],
    ],
    [
      "many things at once",
      "services: {a: {image: x, gpus: all, " + "deploy: {placement: {constraints: [x]}}}}",
      ["gpus: is not supported", "deploy.placement"],
    ],
  ];
  for (const [what, text, says] of cases) {
    it(what, () => {
      const message = refusal(text);
      for (const words of says) expect(message).toContain(words);
    });
  }
});
