// Fetches the public OCI validation suite as a Go module, corrects it and builds it, once, in the
// user's cache. Builds nothing inside the project.
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { MENDS } from "./mends.ts";

const MODULE = "github.com/opencontainers/runtime-tools";
const VERSION = "v0.9.1-0.20251114084447-edf4cb3d2116"; // the first of runtime-spec 1.3.0
const execute = promisify(execFile);

export interface Suite {
  folder: string; // holds runtimetest and the root file system: where programs must be started
  programs: string[];
}

/** The reason why the suite cannot be built here, or "". */
export function whyNoSuite(): string {
  try {
    execFileSync("go", ["version"], { stdio: "ignore" });
    return "";
  } catch {
    return "Go is not installed";
  }
}

/** The built suite; takes about two minutes the first time. */
export async function builtSuite(): Promise<Suite> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "fairlead-oci");
  const recipe = createHash("sha256").update(JSON.stringify([VERSION, MENDS]));
  const folder = join(cache, recipe.digest("hex").slice(0, 16));
  if (!existsSync(folder)) {
    const draft = `${folder}.draft-${process.pid}`;
    mkdirSync(cache, { recursive: true });
    try {
      await build(draft);
      renameSync(draft, folder);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  return { folder, programs: programsOf(folder) };
}

const programsOf = (folder: string): string[] =>
  readdirSync(join(folder, "validation"))
    .filter((name) => /^[a-z]/.test(name) && name !== "util")
    .sort();

async function build(draft: string): Promise<void> {
  console.log(`building ${MODULE}@${VERSION} in ${draft}`);
  // Outside of any module, so that only the suite's own go.mod counts.
  const go = (...args: string[]) =>
    execute("go", args, {
      cwd: existsSync(draft) ? draft : "/",
      env: { ...process.env, GOFLAGS: "-mod=mod", CGO_ENABLED: "0" },
      maxBuffer: 64 << 20,
    });
  const { stdout } = await go("mod", "download", "-json", `${MODULE}@${VERSION}`);
  cpSync((JSON.parse(stdout) as { Dir: string }).Dir, draft, { recursive: true });
  execFileSync("chmod", ["-R", "u+w", draft]);
  for (const mend of MENDS) apply(draft, mend);
  mkdirSync(join(draft, "bin"));
  await go("build", "-o", "bin/", "./validation/...");
  const overlay = await withoutRaisedLimit(draft, go);
  await go("build", `-overlay=${overlay}`, "-o", "runtimetest", "./cmd/runtimetest");
}

function apply(draft: string, { file, from, to }: (typeof MENDS)[number]): void {
  const path = join(draft, file);
  const text = readFileSync(path, "utf8");
  if (text.split(from).length !== 2) throw new Error(`the suite has changed: ${file}: ${from}`);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
}

/** Go raises its own soft RLIMIT_NOFILE at start; what measures the limit must not change it. */
async function withoutRaisedLimit(
  draft: string,
  go: (...args: string[]) => Promise<{ stdout: string }>,
): Promise<string> {
  const source = join((await go("env", "GOROOT")).stdout.trim(), "src/syscall/rlimit.go");
  const text = readFileSync(source, "utf8").replace("lim.Max > 0 &&", "false &&");
  const changed = join(draft, "rlimit.go.txt");
  writeFileSync(changed, text);
  const overlay = join(draft, "overlay.json");
  writeFileSync(overlay, JSON.stringify({ Replace: { [source]: changed } }));
  return overlay;
}
