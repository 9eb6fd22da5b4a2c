// The bodies of the routes under /fairlead/, as schemas: by them the agent checks what clients
// send, and clients what an agent answers. Everything else on the wire is Docker's.
import type {
  ContainerInspectResponse,
  ImageInspect,
  NetworkInspect,
  Volume,
} from "@docker/node-sdk";
import * as z from "zod";
import type { ErrorCode } from "./model/errors.ts";

const name = z.string().min(1).max(512);
const names = z.array(name).max(4096);
const digest = z.string().regex(/^sha256:[a-f0-9]{64}$/, "is no sha256 digest");
/** An object in Docker's form, of which only is checked that it says what it is. */
const docker = <T extends object>(...keys: (keyof T)[]) =>
  z.custom<T>(
    (value) => {
      if (typeof value !== "object" || value === null) return false;
      return keys.every((key) => typeof (value as T)[key] === "string");
    },
    `is no object with ${keys.join(" and ")}`,
  );

/** A bind source of this form, PROJECT/PATH behind it, is a file or folder of a project. */
export const PROJECT_FILES = "/.fairlead/projects/";

/** Whose an object is; the other labels of an object's owner are the client's alone. */
export const PROJECT_LABEL = "dev.fairlead.project";

/** Where clients look for an engine: in a container, that is the engine which runs it. */
export const ENGINE_SOCKETS: readonly string[] = ["/var/run/docker.sock", "/run/docker.sock"];
/** A bind source that is the engine's socket for those who may look and not touch. */
export const READ_ONLY_SOCKET = "/.fairlead/read-only.sock";

/** Something that an execution driver cannot do, or a host. */
const driverLimit = z.object({
  /** A field of a container, with dots; lists are looked through. */
  field: z.string(),
  /** The values that it cannot honour; any without this. */
  values: z.array(z.string()).exactOptional(),
  why: z.string(),
});
export type DriverLimit = z.infer<typeof driverLimit>;

/** An execution driver of a host: what makes and runs its containers. */
const runtimeDriver = z.object({
  kind: z.enum(["native", "oci", "lxc"]),
  path: z.string(),
  cannot: z.array(driverLimit),
});
export type RuntimeDriver = z.infer<typeof runtimeDriver>;

/** A driver that networks, volumes or logs can name. */
const driverFacts = z.object({
  name: z.string(),
  /** The options that it takes; an entry that ends in `*` stands for all that begin so. */
  options: z.array(z.string()),
});
export type DriverFacts = z.infer<typeof driverFacts>;

/** The drivers of an agent. */
export const agentDrivers = z.object({
  storage: z.object({
    name: z.string(),
    /** Why this one was chosen. */
    reason: z.string(),
    /** All that the agent has; not each works on its host. */
    names: z.array(z.string()),
    /** How many containers it keeps: while there are any, it stays. */
    containers: z.number(),
  }),
  networks: z.array(driverFacts),
  volumes: z.array(driverFacts),
  logs: z.array(driverFacts),
  /** An older agent does not say. */
  addresses: z.array(driverFacts).exactOptional(),
});
export type AgentDrivers = z.infer<typeof agentDrivers>;

/** A record of the agent that it could not read: set aside, not removed. */
const unreadableRecord = z.object({
  /** Such as "the record of a container". */
  what: z.string(),
  /** Where it should be, and where it lies now. */
  path: z.string(),
  setAside: z.string(),
  reason: z.string(),
  /** What a person can do. */
  remedy: z.string(),
});
export type UnreadableRecord = z.infer<typeof unreadableRecord>;

/** For a log and for warnings: what, where, why, and what to do. */
export function unreadableText({ what, path, setAside, reason, remedy }: UnreadableRecord): string {
  return `${what} could not be read (${reason}): ${path} is kept as ${setAside}; ${remedy}`;
}

/** `GET /fairlead/info`. */
export const agentInfo = z.object({
  /** Version of the package that the agent was built from. */
  version: z.string(),
  /** Digest of the bundle that it runs from; empty when it was started in another way. */
  bundle: z.string(),
  /** The newest Engine API version that it serves, such as `1.51`. */
  apiVersion: z.string(),
  /** /proc/sys/kernel/random/boot_id. */
  bootId: z.string(),
  /** While containers are being taken over after a start: how many of how many. */
  recovering: z.object({ recovered: z.number(), containers: z.number() }).exactOptional(),
  /** An older agent does not say. */
  unreadable: z.array(unreadableRecord).exactOptional(),
  host: z.object({
    name: z.string(),
    kernel: z.string(),
    architecture: z.string(),
    cpus: z.number(),
    memoryBytes: z.number(),
    cgroups: z.enum(["v1", "v2", "hybrid"]),
  }),
  /** An older agent does not say. */
  drivers: agentDrivers.exactOptional(),
});
export type AgentInfo = z.infer<typeof agentInfo>;

/** `POST /fairlead/observe`: the project's objects and the named ones. */
export const observeRequest = z.strictObject({
  project: name.exactOptional(),
  containers: names.exactOptional(),
  networks: names.exactOptional(),
  volumes: names.exactOptional(),
  images: names.exactOptional(),
});
export type ObserveRequest = z.infer<typeof observeRequest>;

/** A host port that something holds, a container or not. */
const heldPort = z.object({
  protocol: z.enum(["tcp", "udp"]),
  /** Empty for every address. */
  hostIp: z.string(),
  port: z.number(),
  /** Name of the container that holds it, when one does. */
  container: z.string().exactOptional(),
});
export type HeldPort = z.infer<typeof heldPort>;

/** A path inside of a project's folder: nothing in it leads out. */
const projectPath = z
  .string()
  .min(1)
  .max(4096)
  .refine(
    (path) =>
      !path.includes("\0") &&
      path
        .split("/")
        .every((part) => part !== "" && part !== "." && part !== ".." && part.length < 256),
    "is no path inside of a project",
  );
const ownedPlace = {
  path: projectPath,
  /** A container may write there: what it wrote is its own. */
  keep: z.boolean(),
};
const id = z.int().min(0).max(0xffff_fffe);
const permissions = z.int().min(0).max(0o7777);
const projectFile = z.strictObject({
  type: z.literal("file"),
  ...ownedPlace,
  mode: permissions,
  uid: id,
  gid: id,
  size: z.int().min(0),
  digest,
  /** A container that goes on has this very file: it is written, not exchanged. */
  inPlace: z.boolean().exactOptional(),
  /** Seconds since 1970, where the time of a file goes with it. */
  modified: z.int().min(0).exactOptional(),
});
const projectFolder = z.strictObject({
  type: z.literal("folder"),
  ...ownedPlace,
  mode: permissions,
  uid: id,
  gid: id,
});
const projectLink = z.strictObject({
  type: z.literal("link"),
  ...ownedPlace,
  target: z.string().min(1).max(4095),
});
export const projectEntry = z.discriminatedUnion("type", [projectFile, projectFolder, projectLink]);
export type ProjectEntry = z.infer<typeof projectEntry>;

/** What of an entry counts; owners differ from machine to machine. */
export function comparable(entry: ProjectEntry): unknown[] {
  const mode = entry.type === "link" || (entry.type === "folder" && entry.keep) ? 0 : entry.mode;
  const content = entry.type === "file" ? entry.digest : entry.type === "link" ? entry.target : "";
  return [entry.path, entry.type, mode, content];
}

/** All files of a project on a host, and the first part of what is sent to POST …/files. */
export const projectManifest = z.strictObject({
  /** Of the entries, by which a client knows them again. */
  digest,
  entries: z.array(projectEntry).max(50_000),
});
export type ProjectManifest = z.infer<typeof projectManifest>;

const stateKeys = {
  /** Whether the host has something else there than was delivered. */
  changed: z.boolean(),
  /** What stands there when that is of another type. */
  is: z.string().exactOptional(),
  /** Digest of what a file has now, when it changed and is not huge. */
  now: digest.exactOptional(),
};

/** `GET /fairlead/projects/NAME/files`: what was delivered, as it is now. */
export const projectState = z.object({
  entries: z.array(
    z.discriminatedUnion("type", [
      // What a newer agent says beside these is let be, as in every answer.
      z.object({ ...projectFile.shape, ...stateKeys }),
      z.object({ ...projectFolder.shape, ...stateKeys }),
      z.object({ ...projectLink.shape, ...stateKeys }),
    ]),
  ),
});
export type ProjectState = z.infer<typeof projectState>;
export type ProjectEntryState = ProjectState["entries"][number];

/** The answer of POST …/files: places where the host has something else of its own. */
export const deliveredFiles = z.object({ kept: z.array(z.string()) });
export type DeliveredFiles = z.infer<typeof deliveredFiles>;

export const observeAnswer = z.object({
  containers: z.array(docker<ContainerInspectResponse>("Id", "Name")),
  networks: z.array(docker<NetworkInspect>("Id", "Name")),
  volumes: z.array(docker<Volume>("Name")),
  /** By the reference that was asked for; those that the host lacks are absent. */
  images: z.record(z.string(), docker<ImageInspect>("Id")),
  /** Labels of those images of `containers` that have some of ours, by id; older agents lack it. */
  imageLabels: z.record(z.string(), z.record(z.string(), z.string())).exactOptional(),
  /** Ids of containers that ended by themselves since the host booted; older agents lack it. */
  ended: z.array(z.string()).exactOptional(),
  /** Ports in use that are not those of `containers`. */
  heldPorts: z.array(heldPort),
  /** An older agent does not say. */
  drivers: agentDrivers.exactOptional(),
  /** By name; an older agent does not say. */
  runtimes: z.record(z.string(), runtimeDriver).exactOptional(),
  /** What no container of this host can have; an older agent does not say. */
  cannot: z.array(driverLimit).exactOptional(),
  /** An older agent does not say. */
  unreadable: z.array(unreadableRecord).exactOptional(),
  /** The project's files, when some were delivered: which, and whether they are still so. */
  files: z.object({ manifest: digest, clean: z.boolean() }).exactOptional(),
});
export type ObserveAnswer = z.infer<typeof observeAnswer>;

/**
 * The answer to a stop or restart with `Prefer: respond-async` (RFC 7240): it goes on by itself.
 */
const begunAnswer = z.object({ pending: z.string() });
export type BegunAnswer = z.infer<typeof begunAnswer>;

/** `POST /fairlead/ended`: what of these has ended; it waits a moment until something has. */
export const endedRequest = z.strictObject({ pending: names });

const errorCodes = [
  ...["invalid", "forbidden", "not_found", "conflict", "not_modified"],
  ...["unsupported", "unavailable", "internal"],
] as const satisfies ErrorCode[];

export const endedAnswer = z.object({
  ended: z.array(
    z.object({
      id: z.string(),
      error: z.object({ code: z.enum(errorCodes), message: z.string() }).exactOptional(),
    }),
  ),
});
export type EndedAnswer = z.infer<typeof endedAnswer>;

/** `POST /fairlead/labels`: edits labels of an object, metadata only; others stay as they are. */
export const labelsRequest = z.strictObject({
  kind: z.enum(["container", "network", "volume"]),
  id: name,
  /** A text sets the label, null takes it away. */
  labels: z.record(
    z.string().min(1),
    z
      .string()
      .max(1024 * 1024)
      .nullable(),
  ),
  /** Labels as they must be for the edit to be made; null for one that must not be there. */
  expects: z.record(z.string().min(1), z.string().nullable()).exactOptional(),
});
export type LabelsRequest = z.infer<typeof labelsRequest>;

/** `POST /fairlead/blobs/missing`. */
export const missingBlobsRequest = z.strictObject({ digests: z.array(digest).max(10_000) });

export const missingBlobsAnswer = z.object({ missing: z.array(digest) });
export type MissingBlobsAnswer = z.infer<typeof missingBlobsAnswer>;

/** `POST /fairlead/images`: answers with progress lines like a pull. */
export const makeImageRequest = z.strictObject({
  /** The name the image gets. */
  name: z.string().min(1).max(1024),
  /** Digest of the manifest, which is among the blobs. */
  manifest: digest,
});

/** `GET /fairlead/images/NAME`: the manifest under which all its blobs are there. */
const storedImage = z.object({ id: digest, manifest: digest });
export type StoredImage = z.infer<typeof storedImage>;

/** Where a build takes a named context from: files that were delivered, or an image. */
const contextSource = z.union([
  z.strictObject({ delivered: name }),
  z.strictObject({ image: z.string().min(1).max(1024) }),
]);
const texts = z.record(z.string(), z.string());
const limit = z.strictObject({ Name: z.string(), Soft: z.int(), Hard: z.int() });

/** `POST /fairlead/build`: the contexts were delivered before; answers with `BuildLine`s. */
export const buildImageRequest = z.strictObject({
  /** Its text. */
  dockerfile: z.string(),
  /** The context's files, delivered to /fairlead/contexts/NAME/files; empty without. */
  context: name.exactOptional(),
  contexts: z.record(z.string(), contextSource).exactOptional(),
  args: texts.exactOptional(),
  labels: texts.exactOptional(),
  target: z.string().exactOptional(),
  platform: z.string().exactOptional(),
  tags: z.array(name).exactOptional(),
  noCache: z.boolean().exactOptional(),
  pull: z.boolean().exactOptional(),
  network: z.string().exactOptional(),
  shmSize: z.int().min(0).exactOptional(),
  ulimits: z.array(limit).exactOptional(),
  extraHosts: z.array(z.string()).exactOptional(),
  /** By id, in base64; kept nowhere. */
  secrets: z.record(z.string(), z.base64()).exactOptional(),
});
export type BuildImageRequest = z.infer<typeof buildImageRequest>;

/** What a build tells while it runs. */
export interface BuildEvent {
  /** As `docker build` calls it: `[web 2/5] RUN npm ci`. */
  step: string;
  state?: "started" | "cached" | "done" | "failed";
  /** What its command writes, or what is done. */
  text?: string;
  /** Of a base image that is fetched. */
  layer?: string;
  doneBytes?: number;
  totalBytes?: number;
}

/** A line of the answer: an event, the image at the end, or an error as Docker writes it. */
export type BuildLine = Partial<BuildEvent> & { id?: string };

/** One of `Fairlead.Files` at a container's creation: a small file that it alone sees. */
export const fileRequest = z.strictObject({
  Target: z.string().regex(/^\/[^\0]*[^\0/]$/),
  Uid: z.int().min(0),
  Gid: z.int().min(0),
  Mode: z.int().min(0).max(0o7777),
  /** Base64. */
  Content: z.base64(),
  /** It is kept on a tmpfs and shown nowhere. */
  Secret: z.boolean(),
});
export type FileRequest = z.infer<typeof fileRequest>;
