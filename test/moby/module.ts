// Builds moby's integration tests from the Go module that carries them, once, in a cache folder.
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const MODULE = "github.com/docker/docker";
const VERSION = "v28.5.2+incompatible";

export interface TestProgram {
  path: string;
  /** The tests look for their data, and for a Dockerfile above it. */
  folder: string;
}

/** The program of one package below `integration`. */
export function buildTests(name: string): TestProgram {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "fairlead", "moby");
  const path = join(cache, VERSION, `${name}.test`);
  const folder = join(cache, VERSION, "integration", name);
  if (existsSync(path)) return { path, folder };
  mkdirSync(join(cache, VERSION), { recursive: true });
  const sources = moduleFolder(cache);
  writeModule(join(cache, VERSION), sources);
  cpSync(join(sources, "integration", name), folder, { recursive: true });
  copyFileSync(join(sources, "Dockerfile"), join(folder, "..", "Dockerfile"));
  // Without a go.mod of its own the module counts as one for Go 1.16, whose language it is not.
  const flags = ["-vet=off", "-mod=mod", "-gcflags=all=-lang=go1.24", "-c", "-o", path];
  execFileSync("go", ["test", ...flags, `${MODULE}/integration/${name}`], {
    cwd: join(cache, VERSION),
    stdio: ["ignore", "ignore", "inherit"],
  });
  return { path, folder };
}

function moduleFolder(cwd: string): string {
  const argv = ["mod", "download", "-json", `${MODULE}@${VERSION}`];
  return JSON.parse(execFileSync("go", argv, { cwd, encoding: "utf8" })).Dir;
}

/** A module of our own with the requirements that moby keeps in vendor.mod. */
function writeModule(folder: string, sources: string): void {
  const vendor = readFileSync(join(sources, "vendor.mod"), "utf8");
  const own = `module moby-tests\ngo 1.24.0\nrequire ${MODULE} ${VERSION}\n`;
  writeFileSync(join(folder, "go.mod"), own + vendor.slice(vendor.indexOf("\nrequire")));
  copyFileSync(join(sources, "vendor.sum"), join(folder, "go.sum"));
}
