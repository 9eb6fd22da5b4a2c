// Proves that two builds give the same bytes: builds here, then from copies of the sources in
// another folder, without caches of the compiler, at another time and in another time zone, and
// compares every file of dist. `npm run test:reproducible [-- --this-platform]`.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const [flag, ...rest] = process.argv.slice(2);
if (rest.length > 0 || (flag !== undefined && flag !== "--this-platform")) {
  console.error("usage: npm run test:reproducible [-- --this-platform]");
  process.exit(2);
}
const options = flag === undefined ? ["--all-platforms"] : [];
// What was downloaded may be taken over; what was built may not.
const DOWNLOADED = /^\.cache\/(arm64|bundle\/.*-as-it-came)$/;

const folder = mkdtempSync(join(tmpdir(), "fairlead-a-longer-path-than-the-first-"));
try {
  build(process.cwd(), {});
  copySources(folder);
  build(folder, { CCACHE_DISABLE: "1", TZ: "Pacific/Chatham", LC_ALL: "C" });
  const [here, there] = [digests("dist"), digests(join(folder, "dist"))];
  const names = [...new Set([...here.keys(), ...there.keys()])];
  const different = names.filter((name) => here.get(name) !== there.get(name));
  for (const name of different) console.log(`differs: ${name}`);
  console.log(`${names.length} files compared, ${different.length} differ`);
  process.exitCode = different.length > 0 || names.length === 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function build(cwd, env) {
  const argv = ["scripts/build.mjs", ...options];
  execFileSync(process.execPath, argv, { cwd, env: { ...process.env, ...env }, stdio: "inherit" });
}

function copySources(target) {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", list, { encoding: "utf8" }).split("\0").filter(Boolean);
  const caches = [
    ".cache/arm64",
    ...readdirSync(".cache/bundle").map((name) => join(".cache/bundle", name)),
  ];
  const wanted = [...files, ...caches.filter((name) => DOWNLOADED.test(name))];
  for (const name of wanted.filter((one) => existsSync(one))) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    cpSync(name, join(target, name), { recursive: true, verbatimSymlinks: true });
  }
  // No symbolic link: bundles name modules by their paths below the folder, which it would change.
  try {
    execFileSync("cp", ["-al", "node_modules", target], { stdio: "ignore" });
  } catch {
    rmSync(join(target, "node_modules"), { recursive: true, force: true });
    execFileSync("cp", ["-a", "node_modules", target]);
  }
}

/** SHA-256 of every file below a folder, by its path. */
function digests(root) {
  const found = new Map();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const digest = createHash("sha256").update(readFileSync(path)).digest("hex");
    found.set(path.slice(root.length + 1), digest);
  }
  return found;
}
