// For every field of every resource two values: before and after an edit. The types make sure that
// no field is forgotten.
import type { ContainerInput } from "../../../resources/kinds/container/container.ts";
import type { NetworkInput } from "../../../resources/kinds/network/network.ts";
import type { VolumeInput } from "../../../resources/kinds/volume/volume.ts";
import { secret } from "../../../resources/model/secret.ts";

type Edit<Input> = {
  [F in keyof Input]-?: [before: NonNullable<Input[F]>, after: NonNullable<Input[F]>];
};

export const containerEdits: Omit<Edit<ContainerInput>, "image"> = {
  name: ["shop-a", "shop-b"],
  platform: ["linux/amd64", "linux/arm64"],
  pull: ["missing", "never"],
  job: [false, true],
  settle: ["1s", "2s"],
  healthTimeout: ["1m", "2m"],
  replaceOrder: ["auto", "stop-first"],
  postStart: [[{ command: ["true"] }], [{ command: ["true", "again"] }]],
  preStop: [[{ command: ["true"] }], [{ command: ["true", "again"] }]],
  command: [
    ["sleep", "1000"],
    ["sleep", "2000"],
  ],
  entrypoint: [
    ["/bin/busybox", "sleep", "600"],
    ["/bin/busybox", "sleep", "601"],
  ],
  env: [
    { MODE: "a", KEY: secret("one") },
    { MODE: "a", KEY: secret("two") },
  ],
  user: ["1000:1000", "1001:1001"],
  groupAdd: [["10"], ["11"]],
  workingDir: ["/tmp", "/"],
  tty: [false, true],
  stdinOpen: [false, true],
  init: [false, true],
  restart: ["no", "on-failure:3"],
  stopSignal: ["SIGTERM", "SIGINT"],
  stopGracePeriod: ["1s", "2s"],
  healthcheck: [
    { test: ["CMD", "true"], interval: "1s" },
    { test: ["CMD", "true"], interval: "2s" },
  ],
  mounts: [
    [{ type: "tmpfs", target: "/scratch", size: "1m" }],
    [{ type: "tmpfs", target: "/scratch", size: "2m" }],
  ],
  volumesFrom: [["beside"], ["beside:ro"]],
  files: [
    [{ target: "/etc/app.conf", content: "a=1" }],
    [{ target: "/etc/app.conf", content: "a=2" }],
  ],
  readOnly: [false, true],
  devices: [
    [{ source: "/dev/null", target: "/dev/a" }],
    [{ source: "/dev/zero", target: "/dev/a" }],
  ],
  deviceCgroupRules: [["c 1:3 mr"], ["c 1:5 mr"]],
  storageOpt: [{ size: "1g" }, { size: "2g" }],
  shmSize: ["64m", "32m"],
  ports: [["127.0.0.1:18080:80"], ["127.0.0.1:18081:80"]],
  publishAllPorts: [false, true],
  networks: [
    { front: { aliases: ["a"], links: ["web:x"] } },
    { front: { aliases: ["b"], links: ["web:y", "other"] } },
  ],
  networkMode: ["bridge", "none"],
  links: [["beside:a"], ["beside:b"]],
  hostname: ["a", "b"],
  domainname: ["a.example", "b.example"],
  extraHosts: [{ db: ["10.0.0.1"] }, { db: ["10.0.0.2"] }],
  dns: [["10.0.0.53"], ["10.0.0.54"]],
  dnsSearch: [["a.example"], ["b.example"]],
  dnsOptions: [["ndots:1"], ["ndots:2"]],
  cpus: [0.5, 1],
  cpuShares: [512, 1024],
  cpuRealtimePeriod: [900_000, 1_000_000],
  cpuRealtimeRuntime: [1000, 2000],
  cpuset: ["0", "0-1"],
  memory: ["64m", "96m"],
  memoryReservation: ["32m", "48m"],
  memorySwap: ["128m", "192m"],
  memorySwappiness: [10, 60],
  oomKillDisable: [false, true],
  blockIo: [{ weight: 100 }, { weight: 200 }],
  pidsLimit: [50, 60],
  ulimits: [{ nofile: 1024 }, { nofile: { soft: 1024, hard: 2048 } }],
  oomScoreAdj: [100, 200],
  capAdd: [["NET_ADMIN"], ["SYS_TIME"]],
  capDrop: [["CHOWN"], ["ALL"]],
  privileged: [false, true],
  securityOpt: [["no-new-privileges:true"], ["no-new-privileges:false"]],
  sysctls: [{ "net.ipv4.ip_forward": "0" }, { "net.ipv4.ip_forward": "1" }],
  ipc: ["private", "shareable"],
  pid: ["", "host"],
  uts: ["", "host"],
  userns: ["", "host"],
  cgroupParent: ["/fields-a", "/fields-b"],
  cgroupns: ["host", "private"],
  runtime: ["runc", "crun"],
  labels: [{ tier: "a" }, { tier: "b" }],
  annotations: [{ "a.b": "c" }, { "a.b": "d" }],
  logging: [{ options: { "max-size": "1m" } }, { options: { "max-size": "2m" } }],
};

/** What a field needs beside it to be a whole declaration. */
export const containerBeside: Partial<Record<keyof ContainerInput, Partial<ContainerInput>>> = {
  memorySwap: { memory: "64m" },
};

export const networkEdits: Edit<NetworkInput> = {
  name: ["shop_front", "shop_other"],
  driver: ["bridge", "macvlan"],
  driverOpts: [
    { "com.docker.network.driver.mtu": "1400" },
    { "com.docker.network.driver.mtu": "1300" },
  ],
  internal: [false, true],
  attachable: [false, true],
  enableIpv6: [false, true],
  ipamDriver: ["default", "other"],
  subnets: [[{ subnet: "10.231.0.0/24" }], [{ subnet: "10.231.1.0/24" }]],
  labels: [{ tier: "a" }, { tier: "b" }],
};

export const volumeEdits: Edit<VolumeInput> = {
  name: ["shop_data", "shop_other"],
  driver: ["local", "nfs"],
  driverOpts: [
    { type: "tmpfs", device: "tmpfs" },
    { type: "tmpfs", device: "other" },
  ],
  labels: [{ tier: "a" }, { tier: "b" }],
};
