// Serves the agent's image and volume routes on a socket in a temporary folder, for tests.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { blobRoutes } from "../../../agent/api/blobs.ts";
import { imageDiskUsage, imageRoutes } from "../../../agent/api/images.ts";
import { createApi } from "../../../agent/api/server.ts";
import { systemRoutes } from "../../../agent/api/system.ts";
import { volumeDiskUsage, volumeRoutes } from "../../../agent/api/volumes.ts";
import { openContent } from "../../../agent/images/content.ts";
import { nativeUnpacker } from "../../../agent/images/unpack.ts";
import { loadNative, type Native } from "../../../agent/native/index.ts";
import { EventLog } from "../../../agent/objects/event.ts";
import { Images } from "../../../agent/objects/image/images.ts";
import { Volumes } from "../../../agent/objects/volume/volumes.ts";
import { Runtimes } from "../../../agent/runtime/runtimes.ts";
import { RecordStore } from "../../../agent/state/record-store.ts";
import { nativeFlatten } from "../../../agent/storage/driver/flatten.ts";

const build = join(import.meta.dirname, "../../../agent/native/build");
const binary = join(build, "fairlead-runtime");

export interface Served {
  images: Images;
  volumes: Volumes;
  events: EventLog;
  native: Native;
  root: string;
  socket: string;
  /** Runs the docker command against the socket; gives its output, fails with its complaint. */
  docker(...argv: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Why the routes cannot be served here; undefined when they can. */
export function servingMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "root is needed";
  if (!existsSync(join(build, "fairlead.node"))) return "agent/native is not built";
  return undefined;
}

/** Why the docker command cannot be used; undefined when it can. */
export function dockerMissing(): string | undefined {
  const found = ["/usr/bin/docker", "/usr/local/bin/docker"].some((path) => existsSync(path));
  return found ? servingMissing() : "the docker command is not installed";
}

export async function serve(): Promise<Served> {
  const folder = await mkdtemp(join(tmpdir(), "fairlead-serve-"));
  const root = join(folder, "root");
  const native = loadNative(join(build, "fairlead.node"));
  const events = new EventLog();
  const records = new RecordStore(() => undefined);
  const content = await openContent(
    root,
    nativeUnpacker(binary),
    { layerForm: "overlay" },
    records,
  );
  const images = new Images({ content, events });
  const volumes = new Volumes({
    root,
    records,
    mounts: native,
    flatten: nativeFlatten(binary),
    events,
  });
  await volumes.load();
  const system = systemRoutes({
    version: "0",
    root,
    storage: { name: "overlay", reason: "" },
    drivers: { networks: [], volumes: [], logs: ["json-file"] },
    runtimes: new Runtimes({ binary, file: join(root, "runtimes.json") }),
    engineId: "test",
    containerCounts: () => ({ running: 0, paused: 0, stopped: 0 }),
    imageCount: async () => images.count,
    warnings: () => [],
    listeners: () => 0,
    diskUsage: async () => ({
      ...(await imageDiskUsage(images, 1.5)),
      ...(await volumeDiskUsage(volumes)),
      Containers: [],
      BuildCache: [],
    }),
  } as Parameters<typeof systemRoutes>[0]);
  const routes = [
    ...system,
    ...imageRoutes({ images, storageDriver: "overlay" }),
    ...volumeRoutes(volumes),
    ...blobRoutes(images),
  ];
  const api = createApi({ early: [], progress: () => "", report: () => undefined });
  api.open(routes);
  const socket = join(folder, "agent.sock");
  await new Promise<void>((resolve) => api.server.listen(socket, resolve));
  const env = { PATH: process.env.PATH, DOCKER_HOST: `unix://${socket}`, HOME: folder };
  const docker = async (...argv: string[]) => {
    const { stdout } = await promisify(execFile)("docker", argv, { env, timeout: 60_000 });
    return stdout;
  };
  const stop = async () => {
    await api.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { images, volumes, events, native, root, socket, docker, stop };
}
