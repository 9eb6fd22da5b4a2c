// Makes the images that the stacks name: one root file system of Debian packages with a stand-in
// for each server, and a configuration for each name. Nothing of the originals is in them.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import {
  type Blob,
  blobOf,
  dockerArchive,
  type Entry,
  type MadeImage,
  tarOf,
} from "../../agent/images/make-image.ts";
import { run } from "../../lab/shell.ts";
import { ROLES, type Role } from "./roles.ts";

const PACKAGES = [
  "python3",
  "nginx-light",
  "redis",
  "curl",
  "busybox-static",
  "gettext-base",
  "netcat-openbsd",
];
const APPLETS = ["wget", "ping", "ps", "ip", "nslookup", "vi", "ash", "pgrep", "timeout"];
const HERE = "test/stacks/image";

/** An archive as `docker save` writes it with an image for each of the references. */
export async function imageArchive(references: Iterable<string>): Promise<Buffer> {
  const debian = blobOf(readFileSync(await debianTar()));
  const servers = blobOf(await tarOf(serverEntries()));
  const images = [...new Set(references)].map((name) => imageOf(name, [debian, servers]));
  return dockerArchive(images);
}

/** The role of an image by its name. */
export function roleOf(reference: string): Role {
  const name = reference.replace(/@.*$/, "").replace(/:[^/]*$/, "");
  const parts = name.split("/");
  const ends = parts.map((_, at) => parts.slice(at).join("/"));
  const known = ends.find((end) => Object.hasOwn(ROLES, end));
  if (known === undefined) throw new Error(`test/stacks/image/roles.ts knows no image ${name}`);
  return ROLES[known]!;
}

function imageOf(reference: string, diffs: Blob[]): MadeImage {
  const role = roleOf(reference);
  const { ports = [], data = [], clients = [], user, workdir, stopSignal, health } = role;
  const name = reference.replace(/@.*$/, "");
  const short =
    name
      .replace(/:[^/]*$/, "")
      .split("/")
      .at(-1) ?? "app";
  const config = blobOf({
    architecture: process.arch === "arm64" ? "arm64" : "amd64",
    os: "linux",
    created: "2024-01-01T00:00:00Z",
    config: {
      Env: [
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        `STAND_IN=${short}`,
        `STAND_IN_PORTS=${ports.join(" ")}`,
        `STAND_IN_DATA=${data.join(" ")}`,
        `STAND_IN_CLIENTS=${clients.join(" ")}`,
      ],
      ...programOf(role),
      ...(ports.length > 0 && { ExposedPorts: keys(ports.map((port) => `${port}/tcp`)) }),
      ...(data.length > 0 && { Volumes: keys(data) }),
      ...(user !== undefined && { User: String(user) }),
      ...(workdir !== undefined && { WorkingDir: workdir }),
      ...(stopSignal !== undefined && { StopSignal: stopSignal }),
      ...(health && { Healthcheck: { Test: health, Interval: 1e9 } }),
      // Two names of one role are two images.
      Labels: { "org.opencontainers.image.ref.name": name },
    },
    rootfs: { type: "layers", diff_ids: diffs.map(({ digest }) => digest) },
  });
  return { name, id: config.digest, config, layers: diffs, diffs, manifest: config };
}

function programOf({ server }: Role): { Entrypoint?: string[]; Cmd: string[] } {
  switch (server) {
    case "nginx":
      return { Entrypoint: ["/docker-entrypoint.sh"], Cmd: ["nginx", "-g", "daemon off;"] };
    case "redis":
      return { Entrypoint: ["redis-entrypoint.sh"], Cmd: ["redis-server"] };
    case "none":
      return { Cmd: ["sh"] };
    default:
      return { Entrypoint: ["docker-entrypoint.sh"], Cmd: [] };
  }
}

/** Everything above Debian: the servers, the names that they answer to, and their folders. */
function serverEntries(): Entry[] {
  const file = (name: string, source: string, mode = 0o755): Entry => ({
    ...{ name, mode, content: readFileSync(join(HERE, source)) },
  });
  const link = (name: string, linkname: string): Entry => ({ name, type: "symlink", linkname });
  const roles = Object.values(ROLES);
  const programs = roles.flatMap(({ clients = [], programs = [] }) => [...clients, ...programs]);
  const folders = new Map<string, number>([["/app", 0]]);
  for (const { data = [], user = 0 } of roles) {
    for (const folder of data) if (!folders.get(folder)) folders.set(folder, user);
  }
  return [
    file("usr/local/bin/stand-in", "stand-in"),
    file("usr/local/bin/redis-entrypoint.sh", "redis-entrypoint.sh"),
    file("docker-entrypoint.sh", "nginx-entrypoint.sh"),
    file("etc/nginx/nginx.conf", "nginx.conf", 0o644),
    file("etc/nginx/conf.d/default.conf", "default.conf", 0o644),
    { name: "usr/share/nginx/html/index.html", content: "Welcome to nginx!\n" },
    link("usr/local/bin/docker-entrypoint.sh", "stand-in"),
    ...[...new Set(programs)]
      .filter((name) => !name.startsWith("/"))
      .map((name) => link(`usr/local/bin/${name}`, "stand-in")),
    link("cron.sh", "usr/local/bin/stand-in"),
    { name: "var/log/nginx", type: "directory" } as const,
    link("var/log/nginx/access.log", "/dev/stdout"),
    link("var/log/nginx/error.log", "/dev/stderr"),
    ...APPLETS.map((name) => link(`usr/local/bin/${name}`, "/bin/busybox")),
    ...[...folders].map(
      ([name, id]): Entry => ({
        ...{ name: name.slice(1), type: "directory", mode: 0o755, uid: id, gid: id },
      }),
    ),
  ].map((entry) => ({ mtime: new Date(0), ...entry }));
}

const keys = (names: string[]) => Object.fromEntries(names.map((name) => [name, {}]));

/** A root file system with the packages, made once and kept; about half a minute the first time. */
async function debianTar(): Promise<string> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "fairlead-lab");
  const digest = createHash("sha256").update(PACKAGES.join(" ")).digest("hex").slice(0, 16);
  const path = join(cache, `stacks-${digest}.tar`);
  if (existsSync(path)) return path;
  mkdirSync(cache, { recursive: true });
  const draft = `${path}.draft-${process.pid}.tar`;
  const without = ["/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/var/lib/apt/*"];
  await run(
    ...["mmdebstrap", "--quiet", "--variant=essential", `--include=${PACKAGES.join(",")}`],
    ...without.map((one) => `--dpkgopt=path-exclude=${one}`),
    "--skip=output/dev",
    "--customize-hook=rm -rf $1/var/cache/* $1/var/log/*",
    ...["bookworm", draft],
  );
  renameSync(draft, path);
  return path;
}
