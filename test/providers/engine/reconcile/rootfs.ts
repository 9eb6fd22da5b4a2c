// A root file system of busybox, from which images are made.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const APPLETS = [
  "sh",
  "sleep",
  "cat",
  "true",
  "false",
  "env",
  "httpd",
  "wget",
  "touch",
  "echo",
  "ls",
  "wc",
];

/** Makes it in a folder that is not there yet. */
export function makeRootfs(folder: string): void {
  for (const name of ["bin", "etc", "tmp", "srv"])
    mkdirSync(join(folder, name), { recursive: true });
  const busybox = execFileSync("which", ["busybox"], { encoding: "utf8" }).trim();
  cpSync(busybox, join(folder, "bin/busybox"), { dereference: true });
  for (const applet of APPLETS) symlinkSync("busybox", join(folder, "bin", applet));
}
