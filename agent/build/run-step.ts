// RUN as a step: its command or script, mounts, network and environment.
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { chmod, chown, mkdir, stat } from "node:fs/promises";
import { posix } from "node:path";
import type { Mount } from "@docker/node-sdk";
import { FairleadError } from "../../resources/model/errors.ts";
import type { FileRequest } from "../../resources/wire.ts";
import { withCaches } from "./cache-mounts.ts";
import { digestOfCopy, performCopy } from "./copy.ts";
import { expandWord } from "./dockerfile/expand.ts";
import { commandOf, flagOf, type Instruction } from "./dockerfile/instructions.ts";
import { at } from "./dockerfile/lines.ts";
import { bindOf, type MountRequest, readMount, sourceIn, tmpfsOf } from "./mounts.ts";
import { type BuildRequest, latestOf, proxiesOf, write } from "./request.ts";
import { run } from "./run.ts";
import { DEFAULT_PATH, type StageState, shellOf, variablesOf } from "./state.ts";
import type { Step, Surroundings } from "./step.ts";
import type { Tree } from "./tree.ts";

/** RUN. */
export async function runStep(
  instruction: Instruction,
  state: StageState,
  around: Surroundings,
): Promise<Step> {
  const { request, parts } = around;
  const { number } = instruction;
  const { argv, script } = commandOfRun(instruction, state);
  const hostConfig = {
    ...request.hostConfig,
    ...networkOf(instruction),
    ...securityOf(instruction),
  };
  const mounts = (instruction.flags.get("mount") ?? []).map((text) =>
    readMount(
      expandWord(text, variablesOf(state), around.escapeChar),
      state.settings.WorkingDir ?? "/",
      number,
    ),
  );
  const env = [...state.args]
    .filter(([name]) => !(state.settings.Env ?? []).some((one) => one.startsWith(`${name}=`)))
    .map(([name, value]) => `${name}=${value}`);
  const shown = env.length > 0 ? `|${env.length} ${env.join(" ")} ` : "";
  const { User = "", WorkingDir = "/" } = state.settings;
  const bound = await bindsOf(mounts, number, around);
  return {
    identity: [
      "RUN",
      argv,
      script ?? null,
      env,
      state.settings.Env ?? [],
      User,
      WorkingDir,
      hostConfig,
      mounts.map(withoutSecret),
      bound.identity,
      latestOf(request) ?? null,
    ],
    createdBy: `RUN ${shown}${argv.join(" ")} # buildkit`,
    make: async () => {
      const imageId = state.imageId;
      if (imageId === undefined) throw at(number, "RUN needs an image: this stage is from scratch");
      const binds = await bound.open();
      return withCaches(mounts, parts, (caches) =>
        run(
          {
            imageId,
            layers: parts.images.layersOf(imageId),
            argv,
            env: withPath([...(state.settings.Env ?? []), ...proxiesOf(request), ...env]),
            user: User,
            workingDir: WorkingDir || "/",
            hostConfig,
            mounts: [...binds, ...caches],
            files: [...secretsOf(mounts, number, request), ...scriptFile(script)],
            latest: latestOf(request),
            write: (text) => write(request, text),
            signal: request.signal,
          },
          parts,
        ),
      );
    },
  };
}

const withoutSecret = ({ required: _, ...mount }: MountRequest) => mount;

function withPath(env: string[]): string[] {
  return env.some((one) => one.startsWith("PATH=")) ? env : [`PATH=${DEFAULT_PATH}`, ...env];
}

/** Where the script of a here-document is seen while it runs; it is in no layer. */
const SCRIPT = "/run/.fairlead-script";

/** A here-document is a script: of the shell, or of the program that its first line names. */
function commandOfRun(
  { text, heredocs }: Instruction,
  state: StageState,
): { argv: string[]; script: string | undefined } {
  const [heredoc] = heredocs;
  const shell = shellOf(state);
  if (heredoc === undefined) return { argv: commandOf(text, shell), script: undefined };
  const alone = /^\d*<<-?\s*["']?[^\s"']+["']?$/.test(text.trim());
  if (!alone) {
    const body = heredocs.map(({ name, content }) => `${content}${name}\n`).join("");
    return { argv: [...shell, `${text}\n${body}`], script: undefined };
  }
  const asShell = { argv: [...shell, heredoc.content], script: undefined };
  if (!heredoc.content.startsWith("#!")) return asShell;
  // As the kernel reads it: a program, and at most one argument.
  const line = heredoc.content.slice(2, heredoc.content.indexOf("\n")).trim();
  const [program = ""] = line.split(/\s/, 1);
  if (program === "") return asShell;
  const argument = line.slice(program.length).trim();
  return { argv: [program, ...(argument ? [argument] : []), SCRIPT], script: heredoc.content };
}

function scriptFile(script: string | undefined): FileRequest[] {
  if (script === undefined) return [];
  const Content = Buffer.from(script).toString("base64");
  return [{ Target: SCRIPT, Uid: 0, Gid: 0, Mode: 0o755, Content, Secret: false }];
}

/** The words of --network, beside `default`. */
const NETWORKS = ["none", "host"];

function networkOf(instruction: Instruction): { NetworkMode?: string } {
  const network = flagOf(instruction, "network");
  if (network === undefined || network === "default") return {};
  if (NETWORKS.includes(network)) return { NetworkMode: network };
  throw at(instruction.number, `invalid network mode ${JSON.stringify(network)}`);
}

function securityOf(instruction: Instruction): object {
  const security = flagOf(instruction, "security");
  if (security === undefined || security === "sandbox") return {};
  throw new FairleadError(
    "unsupported",
    `Dockerfile line ${instruction.number}: --security=${security} is not allowed`,
    { hint: "a build has the rights of an ordinary container here" },
  );
}

/** The binds of a RUN: what they show, for the cache, and their folders when it is run. */
async function bindsOf(
  mounts: MountRequest[],
  number: number,
  around: Surroundings,
): Promise<{ identity: unknown[]; open(): Promise<Mount[]> }> {
  const { context, source } = around;
  const ssh = mounts.find(({ type, required }) => type === "ssh" && required);
  if (ssh) {
    throw new FairleadError("unsupported", `Dockerfile line ${number}: no SSH agent is given`, {
      hint: "give what the step needs as a secret",
    });
  }
  const binds = mounts.filter(({ type }) => type === "bind");
  const trees = await Promise.all(
    binds.map(async (mount) =>
      mount.from === undefined ? { tree: context, identity: undefined } : source(mount.from),
    ),
  );
  const identity = await Promise.all(
    binds.map((mount, index) => {
      const { tree, identity: known } = trees[index]!;
      return known ?? digestOfCopy({ ...WHOLE, tree, sources: [mount.source || "."] });
    }),
  );
  const open = async () => [
    ...(await Promise.all(
      binds.map(async (mount, index) => {
        const { tree } = trees[index]!;
        const copied = mount.writable ? await copyOf(tree, mount, number, around) : undefined;
        return bindOf(mount, copied ?? sourceIn(tree, mount, number));
      }),
    )),
    ...mounts.filter(({ type }) => type === "tmpfs").map(tmpfsOf),
  ];
  return { identity, open };
}

/** What a step writes to a bind is for itself alone, and gone after it (Dockerfile reference). */
async function copyOf(
  tree: Tree,
  mount: MountRequest,
  number: number,
  { scratch, request, parts }: Surroundings,
): Promise<string> {
  const folder = `${scratch}/${randomBytes(8).toString("hex")}`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { mode, uid, gid } = await stat(sourceIn(tree, mount, number));
  const isFolder = (mode & constants.S_IFMT) === constants.S_IFDIR;
  const copy = { ...WHOLE, tree, sources: [mount.source || "."], keepOwner: true };
  await performCopy(copy, folder, request.signal, parts);
  if (!isFolder) return `${folder}/${posix.basename(mount.source)}`;
  await chown(folder, uid, gid);
  await chmod(folder, mode & 0o7777);
  return folder;
}

const WHOLE = {
  destination: "/",
  chown: undefined,
  chmod: undefined,
  exclude: [],
  parents: false,
  unpack: false,
  keepOwner: false,
};

function secretsOf(mounts: MountRequest[], number: number, request: BuildRequest): FileRequest[] {
  return mounts
    .filter(({ type }) => type === "secret")
    .flatMap(({ id, target, uid, gid, mode, required }) => {
      const content = request.secrets.get(id);
      if (content === undefined) {
        if (required)
          throw at(number, `secret ${id}: not found`, "give the build a secret of this id");
        return [];
      }
      const Content = content.toString("base64");
      return [{ Target: target, Uid: uid, Gid: gid, Mode: mode, Content, Secret: true }];
    });
}
