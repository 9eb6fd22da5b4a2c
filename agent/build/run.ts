// RUN: a container over the layers so far, whose changes become the next layer.
import type { HostConfig, Mount } from "@docker/node-sdk";
import { FairleadError } from "../../resources/model/errors.ts";
import type { FileRequest } from "../../resources/wire.ts";
import type { StoredLayer } from "../images/commit.ts";
import { readLog } from "../logs/file/read.ts";
import { createContainer } from "../objects/container/create/create.ts";
import { removeContainer } from "../objects/container/run/remove.ts";
import { startContainer } from "../objects/container/run/start.ts";
import type { Container } from "../objects/container/state/container.ts";
import type { ContainerParts } from "../objects/container/state/parts.ts";
import type { BuildParts } from "./parts.ts";
import { layerOfChanges } from "./workspace.ts";

const STEP_LABEL = "dev.fairlead.build";

/** Removes the containers of builds that a killed agent has left: nobody waits for them. */
export async function removeSteps(parts: ContainerParts): Promise<void> {
  for (const container of parts.containers.all()) {
    if (container.record.config.Labels?.[STEP_LABEL] === undefined) continue;
    await removeContainer(container, { volumes: true, force: true }, parts);
  }
}

export interface RunRequest {
  imageId: string;
  /** The layers of that image, lowest first. */
  layers: string[];
  argv: string[];
  env: string[];
  user: string;
  workingDir: string;
  hostConfig: HostConfig;
  mounts: Mount[];
  /** Secrets: on a tmpfs of the container, and nowhere else. */
  files: FileRequest[];
  latest: number | undefined;
  /** What the command writes. */
  write(text: string): void;
  signal: AbortSignal;
}

/** Runs the command; `invalid` with its exit code when it fails. */
export async function run(
  request: RunRequest,
  parts: BuildParts,
): Promise<StoredLayer | undefined> {
  const { imageId, argv, env, user, workingDir, hostConfig, mounts, files } = request;
  const { container } = await createContainer(
    {
      name: undefined,
      platform: undefined,
      config: {
        Image: imageId,
        Entrypoint: argv,
        Cmd: [],
        Env: env,
        User: user,
        WorkingDir: workingDir,
        Labels: { [STEP_LABEL]: "step" },
      },
      hostConfig: { ...hostConfig, Mounts: mounts },
      networking: {},
      files,
    },
    parts.containers,
  );
  try {
    await finished(container, request, parts);
    // In its turn: what the container had is being given back now.
    return await container.exclusive(() => layerOf(container, request, parts));
  } finally {
    await removeContainer(container, { volumes: true, force: true }, parts.containers);
  }
}

async function layerOf(
  { id }: Container,
  { mounts, files, layers, latest, signal }: RunRequest,
  parts: BuildParts,
): Promise<StoredLayer | undefined> {
  const root = await parts.containers.storage.mount(id, layers);
  const targets = [...mounts.map(({ Target }) => Target!), ...files.map(({ Target }) => Target)];
  const mountPoints = new Set(targets.flatMap(withParents));
  return layerOfChanges({ id, root, layers, latest, signal, mountPoints }, parts);
}

async function finished(
  container: Container,
  { argv, write, signal }: RunRequest,
  parts: BuildParts,
): Promise<void> {
  await startContainer(container, parts.containers);
  const log = readLog({
    path: container.paths.log,
    maxFiles: 1,
    tail: undefined,
    follow: true,
    alive: () => container.running,
    signal,
  });
  for await (const { text } of log) write(text);
  signal.throwIfAborted();
  const code = await container.wait("not-running", signal);
  if (code === 0) return;
  const command = argv.length === 3 && argv[1] === "-c" ? argv[2]! : argv.join(" ");
  throw new FairleadError(
    "invalid",
    `The command '${command}' returned a non-zero code: ${code}`,
    container.state?.oomKilled ? { hint: "it ran out of memory" } : {},
  );
}

function withParents(path: string): string[] {
  const parts = path.split("/").slice(1);
  return parts.map((_, at) => `/${parts.slice(0, at + 1).join("/")}`);
}
