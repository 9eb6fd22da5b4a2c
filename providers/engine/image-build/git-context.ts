// Build contexts that are git repositories: cloned here with the git of this machine, once for each
// run, into a folder that goes with it. The hosts need no git and see no credentials.
import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { promisify } from "node:util";
import { FairleadError } from "../../../resources/model/errors.ts";
import { printable } from "../report/printable.ts";

const run = promisify(execFile);

const GIT_TIMEOUT_MS = 300_000;

const cloned = new Map<string, Promise<string>>();
const folders = new Set<string>();

/** The folder of a repository: `URL#REF:SUBFOLDER`, of which the last two may be absent. */
export function clonedFolder(context: string): Promise<string> {
  const known = cloned.get(context);
  if (known !== undefined) return known;
  const folder = clone(context);
  cloned.set(context, folder);
  folder.catch(() => cloned.delete(context));
  return folder;
}

async function clone(context: string): Promise<string> {
  const [written = "", fragment = ""] = context.split("#", 2);
  const [ref = "", subfolder = ""] = fragment.split(":", 2);
  const url = written.startsWith("github.com/") ? `https://${written}` : written;
  if (ref.startsWith("-")) throw failure(context, `${ref} is no reference`);
  const folder = await mkdtemp(join(tmpdir(), "fairlead-git-"));
  if (folders.size === 0) process.once("exit", removeAll);
  folders.add(folder);
  try {
    await git(context, folder, ["init", "--quiet"]);
    const fetch = ["fetch", "--quiet", "--depth=1", "--no-tags", "--", url, ref || "HEAD"];
    await git(context, folder, fetch);
    await git(context, folder, ["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
    const modules = ["submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"];
    await git(context, folder, modules);
    await rm(join(folder, ".git"), { recursive: true });
    return await inside(context, folder, subfolder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function removeAll(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** A link in the repository may lead anywhere: the context must not. */
async function inside(context: string, folder: string, subfolder: string): Promise<string> {
  const top = await realpath(folder);
  const found = await realpath(join(folder, subfolder)).catch(() => undefined);
  if (found === top || found?.startsWith(`${top}${sep}`)) return found;
  throw failure(context, `there is no folder ${subfolder} in it`);
}

async function git(context: string, folder: string, args: string[]): Promise<void> {
  // Nobody is there to be asked, and no address of a repository is a command.
  const env = {
    ...process.env,
    GIT_TERMINAL_PROMPT: "0",
    GIT_ALLOW_PROTOCOL: "git:http:https:ssh",
  };
  try {
    await run("git", args, { cwd: folder, env, timeout: GIT_TIMEOUT_MS });
  } catch (error) {
    const {
      code,
      stderr = "",
      killed,
    } = error as {
      code?: string | number;
      stderr?: string;
      killed?: boolean;
    };
    if (code === "ENOENT") throw failure(context, "git is not installed here", "Install git.");
    const said = killed ? "git gave no answer in five minutes" : stderr.trim();
    throw failure(context, printable(said) || `git ended with ${code}`);
  }
}

function failure(context: string, what: string, hint?: string): FairleadError {
  // An address may have a password in it.
  const shown = context.replace(/\/\/[^/@]*@/, "//");
  return new FairleadError("invalid", `the build context ${shown} cannot be cloned: ${what}`, {
    path: shown,
    ...(hint === undefined ? {} : { hint }),
  });
}
