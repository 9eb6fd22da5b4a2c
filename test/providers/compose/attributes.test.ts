// Every attribute of a service arrives at the field of its container.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Secret } from "../../../resources/model/secret.ts";
import { fields, folder, named, refusal, translated } from "./translated.ts";

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
    [
      "mem_swappiness: 10, oom_kill_disable: true, cpu_rt_period: 1000, cpu_rt_runtime: 500",
      {
        ...{ memorySwappiness: 10, oomKillDisable: true },
        ...{ cpuRealtimePeriod: 1000, cpuRealtimeRuntime: 500 },
      },
    ],
    [
      "cgroup_parent: /batch, storage_opt: {size: 1G}",
      { cgroupParent: "/batch", storageOpt: { size: "1G" } },
    ],
    [
      "blkio_config: {weight: 300, weight_device: [{path: /dev/sda, weight: 400}], " +
        "device_read_bps: [{path: /dev/sda, rate: 12mb}], " +
        "device_write_iops: [{path: /dev/sda, rate: 30}]}",
      {
        blockIo: {
          weight: 300,
          weightDevices: [{ path: "/dev/sda", weight: 400 }],
          readBps: [{ path: "/dev/sda", rate: 12 * 2 ** 20 }],
          writeIops: [{ path: "/dev/sda", rate: 30 }],
        },
      },
    ],
    [
      "post_start: [{command: chown -R 5 /d, user: root, environment: {A: b}}], " +
        "pre_stop: [{command: [./flush], working_dir: /d, privileged: true}]",
      {
        postStart: [
          { command: ["chown", "-R", "5", "/d"], user: "root", env: { A: new Secret("b") } },
        ],
        preStop: [{ command: ["./flush"], workingDir: "/d", privileged: true }],
      },
    ],
    ["volumes_from: ['container:other:ro']", { volumesFrom: ["other:ro"] }],
    [
      "tmpfs: '/run:uid=1000,gid=5,exec,nosuid,size=50%,ro'",
      {
        mounts: [
          {
            ...{ type: "tmpfs", target: "/run", readOnly: true },
            options: ["exec", "gid=5", "size=50%", "uid=1000"],
          },
        ],
      },
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
      "external_links: [other, 'legacy:db']",
      { networks: { default: { links: ["other", "legacy:db"] } } },
    ],
    [
      "network_mode: bridge, external_links: [other, 'legacy:db']",
      { networkMode: "bridge", links: ["other", "legacy:db"] },
    ],
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
    [
      "volumes: ['/run/docker.sock:/s.sock'], x-fairlead: {socket: read-only}",
      {
        mounts: [
          { type: "bind", source: "/.fairlead/read-only.sock", target: "/s.sock", readOnly: true },
        ],
      },
    ],
    [
      "x-fairlead: {socket: read-only}",
      { mounts: [{ source: "/.fairlead/read-only.sock", target: "/var/run/docker.sock" }] },
    ],
  ];
  for (const [attributes, expected] of cases) {
    it(attributes, () => expect(fields(attributes)).toMatchObject(expected));
  }

  describe("use_api_socket gives the engine's socket", () => {
    const auths = { "registry.example": { auth: "dTpwdw==" } };
    const withConfig = (config: object) => {
      writeFileSync(join(folder, "config.json"), JSON.stringify(config));
      vi.stubEnv("DOCKER_CONFIG", folder);
      onTestFinished(() => void vi.unstubAllEnvs());
    };

    it("and the credentials of docker, as a secret", () => {
      withConfig({ auths, credsStore: "desktop", proxies: {} });
      expect(fields("use_api_socket: true")).toMatchObject({
        mounts: [{ type: "bind", source: "/var/run/docker.sock", target: "/var/run/docker.sock" }],
        env: { DOCKER_CONFIG: "/run/secrets/docker" },
        files: [
          {
            ...{ target: "/run/secrets/docker/config.json", secret: true },
            content: new Secret(JSON.stringify({ auths })),
          },
        ],
      });
      expect(translated("services: {web: {image: x, use_api_socket: true}}").warnings).toEqual([
        expect.stringMatching(/use_api_socket gives no credentials that docker keeps in a helper/),
      ]);
    });

    it("alone, and once, where the service has a configuration and the socket", () => {
      withConfig({ auths });
      const { files, mounts, env } = fields(
        "use_api_socket: true, environment: {DOCKER_CONFIG: /c}, x-fairlead: {socket: read-only}",
      );
      expect([files, env]).toEqual([undefined, { DOCKER_CONFIG: "/c" }]);
      expect(mounts).toMatchObject([{ source: "/.fairlead/read-only.sock" }]);
    });
  });

  it("volumes_from a service means its container on the same host", () => {
    const text =
      "x-fairlead: {hosts: {a: a, b: b}}\nservices:\n  db: {image: x, x-fairlead: {host: a}}\n";
    const web = (host: string) =>
      `${text}  web: {image: x, volumes_from: ["db:ro"], x-fairlead: {host: ${host}}}\n`;
    const { resources } = translated(web("a")).stack;
    expect(named(resources, "container", "web", "a")?.spec).toMatchObject({
      volumesFrom: ["db:ro"],
    });
    expect(refusal(web("b"))).toMatch(/volumes_from.*: db has no container on b, where web runs/);
  });

  it("an option that no tmpfs has is refused with its place", () => {
    expect(refusal("services: {web: {image: x, tmpfs: '/t:loop'}}")).toMatch(
      /^compose.yaml:2:\d+: services\.web.* is no option of a tmpfs/,
    );
  });

  it("labels of Compose are added, by which other tools know its containers", () => {
    expect(fields("labels: {own: yes}").labels).toEqual({
      own: "yes",
      "com.docker.compose.project": "app",
      "com.docker.compose.service": "web",
      "com.docker.compose.container-number": "1",
      "com.docker.compose.oneoff": "False",
    });
  });

  it.each([
    ["", { networks: { default: { links: ["db:own"] } } }],
    [", network_mode: bridge", { networkMode: "bridge", links: ["db:db", "db:own"] }],
  ])("links to services of the project%s", (mode, expected) => {
    const { stack } = translated(
      `services: {web: {image: x, links: [db, 'db:own']${mode}}, db: {image: x${mode}}}`,
    );
    expect(named(stack.resources, "container", "web")?.spec).toMatchObject(expected);
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
