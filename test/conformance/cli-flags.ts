// The flags that the docker command 28 has, by its own --help, as NAME or NAME:LETTER, and of those
// that no case of this folder uses, why. A create takes what a run takes.

export const FLAGS: Readonly<Record<string, string>> = {
  run: `add-host annotation attach:a blkio-weight blkio-weight-device cap-add cap-drop
    cgroup-parent cgroupns cidfile cpu-count cpu-percent cpu-period cpu-quota
    cpu-rt-period cpu-rt-runtime cpu-shares:c cpus cpuset-cpus cpuset-mems detach:d
    detach-keys device device-cgroup-rule device-read-bps device-read-iops
    device-write-bps device-write-iops disable-content-trust dns dns-option dns-search
    domainname entrypoint env:e env-file expose gpus group-add health-cmd health-interval
    health-retries health-start-interval health-start-period health-timeout hostname:h
    init interactive:i io-maxbandwidth io-maxiops ip ip6 ipc isolation kernel-memory
    label:l label-file link link-local-ip log-driver log-opt mac-address memory:m
    memory-reservation memory-swap memory-swappiness mount name network network-alias
    no-healthcheck oom-kill-disable oom-score-adj pid pids-limit platform privileged
    publish:p publish-all:P pull quiet:q read-only restart rm runtime security-opt
    shm-size sig-proxy stop-signal stop-timeout storage-opt sysctl tmpfs tty:t ulimit
    use-api-socket user:u userns uts volume:v volume-driver volumes-from workdir:w`,
  exec: "detach:d detach-keys env:e env-file interactive:i privileged tty:t user:u workdir:w",
  cp: "archive:a follow-link:L quiet:q",
  logs: "details follow:f since tail:n timestamps:t until",
  ps: "all:a filter:f format last:n latest:l no-trunc quiet:q size:s",
  "network connect": "alias driver-opt gw-priority ip ip6 link link-local-ip",
  "network create": `attachable aux-address config-from config-only
    driver:d gateway ingress internal
    ip-range ipam-driver ipam-opt ipv4 ipv6 label opt:o scope subnet`,
  "network disconnect": "force:f",
  "network inspect": "format:f verbose:v",
  "network ls": "filter:f format no-trunc quiet:q",
  "network prune": "filter force:f",
  "network rm": "force:f",
  "volume create": `availability driver:d group label limit-bytes opt:o required-bytes scope secret
    sharing topology-preferred topology-required type`,
  "volume inspect": "format:f",
  "volume ls": "cluster filter:f format quiet:q",
  "volume prune": "all:a filter force:f",
  "volume rm": "force:f",
  "image history": "format human:H no-trunc platform quiet:q",
  "image import": "change:c message:m platform",
  "image inspect": "format:f platform",
  "image load": "input:i platform quiet:q",
  "image ls": "all:a digests filter:f format no-trunc quiet:q tree",
  "image prune": "all:a filter force:f",
  "image pull": "all-tags:a disable-content-trust platform quiet:q",
  "image push": "all-tags:a disable-content-trust platform quiet:q",
  "image rm": "force:f no-prune platform",
  "image save": "output:o platform",
  "system df": "format verbose:v",
  "system events": "filter:f format since until",
  "system info": "format:f",
  "system prune": "all:a filter force:f volumes",
};

const SWARM = "of volumes of a swarm's cluster";
const WINDOWS = "the command refuses it on Linux";
const TRUST = "the command's own affair: no request carries it";
const NEWER = "an engine before API 1.43 has it not, and its own tests are in test/agent";
const REFUSED = "refused by us, in test/agent/objects/network";
const NO_PUSH = "this engine pushes nothing, and says so";
const KERNEL = "this kernel has no weights of block devices";

/** By command and flag. */
export const REASONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  run: {
    annotation: NEWER,
    "blkio-weight": KERNEL,
    "blkio-weight-device": KERNEL,
    "cpu-count": WINDOWS,
    "cpu-percent": WINDOWS,
    "disable-content-trust": TRUST,
    gpus: "no host of the tests has any",
    "health-start-interval": NEWER,
    "io-maxbandwidth": WINDOWS,
    "io-maxiops": WINDOWS,
    ip6: "the same as of a connect, which has a case",
    "kernel-memory": "engines since API 1.42 have it not",
    "link-local-ip": REFUSED,
    "mac-address": "the command 28 does not send it to engines before API 1.44",
    "use-api-socket": "made by the command itself, of a mount and a file",
  },
  "network connect": {
    "driver-opt": REFUSED,
    "gw-priority": "an engine before API 1.48 has it not",
    "link-local-ip": REFUSED,
  },
  "network create": {
    "config-from": REFUSED,
    "config-only": REFUSED,
    "ipam-opt": REFUSED,
    ipv4: "an engine before API 1.48 has it not",
  },
  "volume create": {
    ...{ availability: SWARM, group: SWARM, "limit-bytes": SWARM, "required-bytes": SWARM },
    ...{ scope: SWARM, secret: SWARM, sharing: SWARM, "topology-preferred": SWARM },
    ...{ "topology-required": SWARM, type: SWARM },
  },
  "volume ls": { cluster: SWARM },
  "volume prune": { all: "an engine before API 1.42 has it not" },
  "image history": { platform: "an engine before API 1.48 has it not" },
  "image import": { platform: "an engine of API 1.41 takes it for its own" },
  "image inspect": { platform: "an engine before API 1.49 has it not" },
  "image load": { platform: "an engine before API 1.48 has it not" },
  "image ls": { tree: "an engine before API 1.47 has it not" },
  "image push": {
    ...{ "all-tags": NO_PUSH, "disable-content-trust": TRUST, platform: NO_PUSH, quiet: NO_PUSH },
  },
  "image rm": { platform: "an engine before API 1.50 has it not" },
  "image save": { platform: "an engine before API 1.48 has it not" },
};
