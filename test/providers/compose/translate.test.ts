// Services become containers: every attribute arrives at its field, or is refused by name.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { loadProject } from "../../../providers/compose/model/load.ts";
import { translate } from "../../../providers/compose/translate/translate.ts";
import type { ContainerSpec } from "../../../resources/kinds/container/container.ts";
import { Secret } from "../../../resources/model/secret.ts";
import type { Resource } from "../../../resources/stack/stack.ts";

const folder = mkdtempSync(join(tmpdir(), "compose-translate-"));
afterAll(() => rmSync(folder, { recursive: true }));

function translated(text: string, environment: Record<string, string> = {}) {
  writeFileSync(join(folder, "compose.yaml"), `name: app\n${text}`);
  return translate(loadProject({ workingDirectory: folder, environment }));
}

function named(resources: readonly Resource[], kind: string, name: string, host = "local") {
  return resources.find((one) => one.kind === kind && one.name === name && one.host === host);
}

/** The fields that a service with these attributes gives its container. */
function fields(attributes: string, rest = ""): Record<string, unknown> {
  const { stack } = translated(`services: {web: {image: x, ${attributes}}}\n${rest}`);
  return named(stack.resources, "container", "web")?.spec as Record<string, unknown>;
}

function refusal(text: string): string {
  try {
    translated(text);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

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

describe("an attribute of a service becomes a field of its container:", () => {
  const cases: [attributes: string, expected: Record<string, unknown>][] = [
    ["container_name: own", { name: "own" }],
    [
      "container_name: web, networks: {default: {aliases: [www]}}",
      { name: "web", networks: { default: { aliases: ["www"] } } },
    ],
    ["hostname: h, domainname: d", { hostname: "h", domainname: "d" }],
    ["command: a 'b c', entrypoint: [e]", { command: ["a", "b c"], entrypoint: ["e"] }],
    ["command: []", { command: [] }],
    ["environment: {A: 1, B: , C: ''}", { env: { A: "1", C: "" } }],
    ["user: '1:2', working_dir: /w, tty: true", { user: "1:2", workingDir: "/w", tty: true }],
    ["stdin_open: true, init: true", { stdinOpen: true, init: true }],
    ["group_add: [mail, 5]", { groupAdd: ["mail", "5"] }],
    ["restart: on-failure:3", { restart: "on-failure:3" }],
    ["deploy: {restart_policy: {condition: none}}", { restart: "no" }],
    [
      "deploy: {restart_policy: {condition: on-failure, max_attempts: 2}}",
      { restart: "on-failure:2" },
    ],
    ["restart: 'no', deploy: {restart_policy: {condition: any}}", { restart: "always" }],
    ["stop_signal: SIGINT, stop_grace_period: 90s", { stopGracePeriod: 90_000 }],
    [
      "healthcheck: {test: 'true', interval: 1m30s, retries: 2, start_period: 5s}",
      {
        healthcheck: {
          test: ["CMD-SHELL", "true"],
          interval: 90_000,
          retries: 2,
          startPeriod: 5000,
        },
      },
    ],
    ["healthcheck: {test: [NONE]}", { healthcheck: { disable: true } }],
    ["cpus: 1.5, cpu_shares: 512, cpuset: 0-1", { cpus: 1.5, cpuShares: 512, cpuset: "0-1" }],
    ["cpu_quota: 50000", { cpus: 0.5 }],
    ["mem_limit: 1g, mem_reservation: 512m", { memory: 2 ** 30, memoryReservation: 2 ** 29 }],
    ["mem_limit: 1g, memswap_limit: -1", { memorySwap: -1 }],
    [
      "deploy: {resources: {limits: {cpus: '0.5', memory: 64m, pids: 9}}}",
      { cpus: 0.5, memory: 64 * 2 ** 20, pidsLimit: 9 },
    ],
    [
      "deploy: {resources: {reservations: {cpus: '0.5', memory: 32m}}}",
      { cpuShares: 512, memoryReservation: 32 * 2 ** 20 },
    ],
    [
      "ulimits: {nofile: 5, core: {soft: 1, hard: 2}}",
      { ulimits: { nofile: { soft: 5, hard: 5 }, core: { soft: 1, hard: 2 } } },
    ],
    ["shm_size: 1m, pids_limit: 7, oom_score_adj: 5", { shmSize: 2 ** 20, pidsLimit: 7 }],
    ["cap_add: [net_admin], cap_drop: [ALL]", { capAdd: ["NET_ADMIN"], capDrop: ["ALL"] }],
    ["privileged: true, read_only: true", { privileged: true, readOnly: true }],
    ["security_opt: ['no-new-privileges:true']", { securityOpt: ["no-new-privileges:true"] }],
    ["sysctls: {net.core.somaxconn: 5}", { sysctls: { "net.core.somaxconn": "5" } }],
    [
      "devices: ['/dev/a:/dev/b:r']",
      { devices: [{ source: "/dev/a", target: "/dev/b", permissions: "r" }] },
    ],
    ["extra_hosts: ['a:1.1.1.1', 'a:1.1.1.2']", { extraHosts: { a: ["1.1.1.1", "1.1.1.2"] } }],
    ["dns: 1.1.1.1, dns_search: [x], dns_opt: [y]", { dns: ["1.1.1.1"], dnsOptions: ["y"] }],
    [
      "ports: ['127.0.0.1:8080:80', '53/udp']",
      {
        ports: [
          { hostIp: "127.0.0.1", published: 8080, target: 80, protocol: "tcp" },
          { target: 53, protocol: "udp" },
        ],
      },
    ],
    [
      "logging: {driver: json-file, options: {max-size: 1m}}",
      { logging: { driver: "json-file", options: { "max-size": "1m" } } },
    ],
    [
      "annotations: [a=b], platform: linux/arm64",
      { annotations: { a: "b" }, platform: "linux/arm64" },
    ],
    ["pull_policy: if_not_present", { pull: "missing" }],
    ["ipc: shareable, pid: host, uts: host", { ipc: "shareable", pid: "host", uts: "host" }],
    ["userns_mode: host, cgroup: private", { userns: "host", cgroupns: "private" }],
    ["network_mode: host", { networkMode: "host" }],
    [
      "deploy: {update_config: {order: start-first, monitor: 5s}}",
      { replaceOrder: "start-first", settle: 5000 },
    ],
    [
      "x-fairlead: {job: true, settle: 2s, health_timeout: 1m}",
      { job: true, settle: 2000, healthTimeout: 60_000 },
    ],
    [
      "tmpfs: ['/run:size=1m,mode=700'], " +
        "volumes: ['/anon', {type: tmpfs, target: /t, tmpfs: {size: 5}}]",
      {
        mounts: [
          { type: "volume", target: "/anon" },
          { type: "tmpfs", target: "/t", size: 5 },
          { type: "tmpfs", target: "/run", size: 2 ** 20, mode: 0o700 },
        ],
      },
    ],
  ];
  for (const [attributes, expected] of cases) {
    it(attributes, () => expect(fields(attributes)).toMatchObject(expected));
  }

  it("labels of Compose are added, by which other tools know its containers", () => {
    expect(fields("labels: {own: yes}").labels).toEqual({
      own: "yes",
      "com.docker.compose.project": "app",
      "com.docker.compose.service": "web",
      "com.docker.compose.container-number": "1",
      "com.docker.compose.oneoff": "False",
    });
  });

  it("volumes, networks, configs and secrets", () => {
    const { stack } = translated(
      `services:
  web:
    image: x
    volumes: ["data:/data:ro", "ext:/ext", "./here:/here"]
    networks: {front: {aliases: [www], ipv4_address: 10.9.0.5}, shared: }
    secrets: [file, {source: env, target: short, mode: 0400, uid: "5"}]
    configs: [plain]
volumes: {data: {labels: {a: b}}, ext: {external: true, name: real}}
networks:
  front: {internal: true, ipam: {config: [{subnet: 10.9.0.0/24}]}}
  shared: {external: true, name: outside}
secrets: {file: {file: ./s}, env: {environment: PASSWORD}}
configs: {plain: {content: "x=1"}}
`,
      { PASSWORD: "hidden" },
    );
    const web = named(stack.resources, "container", "web")?.spec;
    expect(web).toMatchObject({
      mounts: [
        { type: "volume", source: "data", target: "/data", readOnly: true },
        { type: "volume", source: "real", target: "/ext" },
        { type: "bind", source: join(folder, "here"), target: "/here", createHostPath: true },
      ],
      networks: {
        front: { aliases: ["web", "www"], ipv4: "10.9.0.5" },
        outside: { aliases: ["web"] },
      },
      files: [
        { target: "/plain", content: "x=1" },
        { target: "/run/secrets/file", source: join(folder, "s"), secret: true },
        { target: "/run/secrets/short", mode: 0o400, uid: 5, secret: true },
      ],
    });
    expect(JSON.stringify(stack)).not.toContain("hidden");
    expect(named(stack.resources, "volume", "data")?.spec).toEqual({
      name: "app_data",
      labels: { a: "b", "com.docker.compose.project": "app", "com.docker.compose.volume": "data" },
    });
    expect(named(stack.resources, "network", "front")?.spec).toMatchObject({
      name: "app_front",
      internal: true,
      subnets: [{ subnet: "10.9.0.0/24" }],
    });
    expect(stack.resources.filter(({ kind }) => kind === "network")).toHaveLength(1);
  });

  it("an archive or a root file system becomes an image of the stack", () => {
    const { stack } = translated(`services:
  a: {image: "made:1", x-fairlead: {image: {rootfs: ./root, config: {command: [sh]}}}}
  b: {image: "made:1", x-fairlead: {image: {rootfs: ./root, config: {command: [sh]}}}}
  c: {x-fairlead: {image: {archive: /tmp/a.tar, tag: "x:1"}}}
`);
    const images = stack.resources.filter(({ kind }) => kind === "image");
    expect(images.map(({ spec }) => spec)).toEqual([
      { name: "made:1", rootfs: join(folder, "root"), config: { command: ["sh"] } },
      { name: "app-c:latest", archive: "/tmp/a.tar", archiveTag: "x:1" },
    ]);
  });
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

describe("what cannot be honoured is refused where it stands:", () => {
  const hosts = "x-fairlead: {hosts: {one: ssh://a@10.0.0.1, two: ssh://a@10.0.0.2}}\n";
  const cases: [what: string, text: string, says: string[]][] = [
    [
      "builds",
      "services:\n  web:\n    build: .\n",
      ["compose.yaml:4:5: services.web.build: fairlead does not build images"],
    ],
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
      "aliases of links",
      "services: {a: {image: x, links: ['b:c']}, b: {image: x}}",
      ["services.a.links: the alias c"],
    ],
    [
      "many things at once",
      "services: {b: {image: x}, a: {image: x, gpus: all, volumes_from: [b], " +
        "use_api_socket: true, storage_opt: {size: 1g}, " +
        "deploy: {placement: {constraints: [x]}}}}",
      [
        "gpus: is not supported",
        "volumes_from: is not supported",
        "use_api_socket",
        "storage_opt",
        "deploy.placement",
      ],
    ],
  ];
  for (const [what, text, says] of cases) {
    it(what, () => {
      const message = refusal(text);
      for (const words of says) expect(message).toContain(words);
    });
  }
});
