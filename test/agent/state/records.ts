// One record of every kind, as the agent of version 0.1.0 wrote them: without a version, but for
// the list of images.
const id = (digit: string) => digit.repeat(64);
const sha = (digit: string) => `sha256:${id(digit)}`;

export const CONTAINER = {
  id: id("c"),
  name: "web",
  created: "2026-01-01T00:00:00.000000000Z",
  imageId: sha("1"),
  path: "httpd",
  args: ["-f"],
  config: { Env: ["A=1"], Image: "busybox:1", Labels: { "dev.fairlead.project": "p" } },
  hostConfig: { NetworkMode: "front", RestartPolicy: { Name: "unless-stopped" } },
  endpoints: [{ network: "front", aliases: ["web"] }],
  ports: [{ protocol: "tcp", hostIp: "", containerPort: 80, hostPorts: [8080, 8080] }],
  mounts: [
    {
      type: "volume",
      name: "data",
      source: "/root/volumes/data/_data",
      target: "/data",
      driver: "local",
      mode: "",
      readOnly: false,
      propagation: "",
      recursive: false,
      readOnlyBelow: "no",
      subpath: "",
      tmpfsOptions: [],
      copyUp: true,
      anonymous: false,
    },
  ],
  files: [{ target: "/f", uid: 0, gid: 0, mode: 292, secret: false, file: "0" }],
};

export const STATE = {
  status: "exited",
  pid: 0,
  shimPid: 0,
  bootId: "5f0c0b44",
  startedAt: "2026-01-01T00:00:00.000000000Z",
  finishedAt: "2026-01-01T00:00:01.000000000Z",
  exitCode: 1,
  signal: 0,
  oomKilled: false,
  restartCount: 0,
  stopRequested: false,
  error: "",
};

export const IMAGE = {
  version: 1,
  images: [
    {
      id: sha("1"),
      manifest: sha("2"),
      tags: ["docker.io/library/busybox:1"],
      digests: [],
      chain: [sha("c")],
      blobs: [sha("2"), sha("1"), sha("3")],
      sizeBytes: 1,
    },
  ],
};

export const LAYER = {
  chainId: sha("c"),
  diffId: sha("c"),
  bytes: 1,
  whiteouts: "overlay",
  blob: { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: sha("3"), size: 1 },
};

export const NETWORK = {
  spec: {
    id: id("d"),
    name: "front",
    driver: "bridge",
    internal: false,
    pools: [{ subnet: "172.20.0.0/16", gateway: "172.20.0.1" }],
    nameResolution: true,
    bridge: {
      name: "fl-dddddddddd",
      mtu: 1500,
      masquerade: true,
      interContainer: true,
      hostBinding: "",
      interfacePrefix: "eth",
    },
  },
  created: "2026-01-01T00:00:00.000000000Z",
  attachable: false,
  ipv4: true,
  ipv6: false,
  options: {},
  labels: { "dev.fairlead.project": "p" },
};

export const VOLUME = {
  name: "data",
  createdAt: "2026-01-01T00:00:00.000Z",
  labels: { "dev.fairlead.project": "p" },
  options: {},
  anonymous: false,
};

export const SANDBOX = {
  containerId: id("c"),
  containerName: "web",
  hostname: "web",
  netnsPath: "/run/fairlead/netns/c",
  endpoints: [
    {
      networkId: id("d"),
      networkName: "front",
      endpointId: id("e"),
      interfaceName: "eth0",
      hostInterface: "fveeeeeeeeeee",
      aliases: ["web"],
      gateway: "172.20.0.1",
      ipAddress: "172.20.0.2",
      prefixLength: 16,
      ipv6Gateway: "",
      ipv6Address: "",
      ipv6PrefixLength: 0,
      macAddress: "02:42:ac:14:00:02",
    },
  ],
  ports: [{ protocol: "tcp", hostIp: "", hostPort: 8080, containerPort: 80 }],
  sysctls: {},
};
