// The images that moby's tests take for given, made of busybox and loaded under their names.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  busyboxEntries,
  dockerArchive,
  type Entry,
  makeImage,
} from "../agent/images/make-image.ts";
import type { Engine } from "../conformance/engines.ts";

const NAMES = ["busybox:glibc", "debian:bookworm-slim", "hello-world:frozen", "hello-world:latest"];

export async function loadTestImages(engine: Engine): Promise<void> {
  const env = { ...process.env, DOCKER_HOST: `unix://${engine.socket}` };
  const docker = (...argv: string[]) => execFileSync("docker", argv, { env, stdio: "ignore" });
  const busybox = { layers: [[...commands(), ...users()]], config: CONFIG };
  const images = [
    await makeImage({ ...busybox, name: "busybox:latest" }),
    await makeImage({ ...busybox, name: "hello-world:amd64", architecture: "amd64" }),
    await makeImage({ ...busybox, name: "hello-world:arm64", architecture: "arm64" }),
  ];
  const archive = join(engine.folder, "images.tar");
  writeFileSync(archive, await dockerArchive(images));
  docker("load", "-i", archive);
  for (const name of NAMES) docker("tag", "busybox:latest", name);
}

const CONFIG = {
  Cmd: ["sh"],
  Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
};

function commands(): Entry[] {
  const known = new Set(busyboxEntries().map(({ name }) => name));
  const more = execFileSync("busybox", ["--list"], { encoding: "utf8" })
    .split("\n")
    .map((command) => `bin/${command}`)
    .filter((name) => name !== "bin/" && name !== "bin/busybox" && !known.has(name))
    .map((name): Entry => ({ name, type: "symlink", linkname: "busybox", mode: 0o777 }));
  return [...busyboxEntries(), ...more];
}

function users(): Entry[] {
  const passwd = ["root:x:0:0:root:/root:/bin/sh", "daemon:x:1:1:daemon:/usr/sbin:/bin/false"];
  const group = [
    "root:x:0:",
    "daemon:x:1:",
    "wheel:x:10:root",
    "audio:x:29:",
    "staff:x:50:",
    "nogroup:x:65534:",
  ];
  return [
    { name: "etc/passwd", content: `${passwd.join("\n")}\n` },
    { name: "etc/group", content: `${group.join("\n")}\n` },
  ];
}
