// What the agent keeps about a container, and where: containers/ID/record.json and its neighbours.
import type { ContainerConfig, HostConfig } from "@docker/node-sdk";
import * as z from "zod";
import type { EndpointRequest, PortMapping } from "../../../network/model/contract.ts";
import { recordForm } from "../../../state/record.ts";

/** A mount as it was asked for, with its volume or path already named. */
export interface MountRecord {
  type: "bind" | "volume" | "tmpfs";
  /** Of a volume. */
  name: string;
  /** Path on the host; for a volume its directory without the subpath. */
  source: string;
  target: string;
  driver: string;
  /** As Docker tells it in inspect, such as "z" or "". */
  mode: string;
  readOnly: boolean;
  propagation: string;
  recursive: boolean;
  /** Mounts below a read-only bind: left as they are, read-only if the kernel can, or required. */
  readOnlyBelow: "no" | "try" | "force";
  subpath: string;
  tmpfsOptions: string[];
  /** A volume that is filled from the image's directory when it is empty. */
  copyUp: boolean;
  /** Came with this container, goes with it (`rm -v`). */
  anonymous: boolean;
}

export interface FileRecord {
  target: string;
  uid: number;
  gid: number;
  mode: number;
  secret: boolean;
  /** Name of the file in containers/ID/files/. */
  file: string;
}

/** A published port as asked: `hostPorts` is a range from which the first free one is taken. */
export interface PortRecord extends Omit<PortMapping, "hostPort"> {
  hostPorts: [number, number];
}

/** A legacy link to another container of the default network. */
export interface LinkRecord {
  /** Of the other container. */
  id: string;
  /** Its name when the link was made. */
  name: string;
  alias: string;
}

export interface ContainerRecord {
  id: string;
  name: string;
  /** RFC 3339 with nanoseconds. */
  created: string;
  imageId: string;
  path: string;
  args: string[];
  config: ContainerConfig;
  hostConfig: HostConfig;
  endpoints: EndpointRequest[];
  /** Absent without any. */
  links?: LinkRecord[];
  ports: PortRecord[];
  mounts: MountRecord[];
  files: FileRecord[];
  /** How the last attempt to start failed, until one succeeds. */
  failure?: { exitCode: number; message: string };
  /** Its removal began: what is left is finished at the next start of the agent. */
  removing?: boolean;
}

const texts = z.array(z.string());

/** record.json. */
export const containerForm = recordForm<ContainerRecord>(
  {
    what: "the record of a container",
    remedy:
      "put a sound record.json in its place and restart the agent, or give the container up with " +
      "`docker rm -f`",
    version: 1,
  },
  z.looseObject({
    id: z.string(),
    name: z.string().min(1),
    created: z.string(),
    imageId: z.string(),
    path: z.string(),
    args: texts,
    config: z.looseObject({ Env: texts.nullish() }),
    hostConfig: z.looseObject({}),
    endpoints: z.array(z.looseObject({ network: z.string(), aliases: texts })),
    links: z
      .array(z.looseObject({ id: z.string(), name: z.string(), alias: z.string() }))
      .optional(),
    ports: z.array(z.looseObject({ containerPort: z.number(), hostPorts: z.array(z.number()) })),
    mounts: z.array(
      z.looseObject({
        type: z.enum(["bind", "volume", "tmpfs"]),
        name: z.string(),
        source: z.string(),
        target: z.string(),
        tmpfsOptions: texts,
      }),
    ),
    files: z.array(z.looseObject({ target: z.string(), file: z.string() })),
    failure: z.looseObject({ exitCode: z.number(), message: z.string() }).optional(),
    removing: z.boolean().optional(),
  }),
);

export interface ContainerPaths {
  folder: string;
  record: string;
  bundle: string;
  config: string;
  shimSettings: string;
  state: string;
  log: string;
  hosts: string;
  resolvConf: string;
  hostname: string;
  files: string;
  shm: string;
  socket: string;
  /** What another runtime than the native one remembers while the container exists. */
  runtimeRoot: string;
  /** Files of the container while it runs; on a tmpfs. */
  runFiles: string;
}

/** Where everything of one container is. */
export function pathsOf(root: string, run: string, id: string): ContainerPaths {
  const folder = `${root}/containers/${id}`;
  return {
    folder,
    record: `${folder}/record.json`,
    bundle: `${folder}/bundle`,
    config: `${folder}/bundle/config.json`,
    shimSettings: `${folder}/bundle/shim.json`,
    state: `${folder}/bundle/state.json`,
    log: `${folder}/${id}-json.log`,
    hosts: `${folder}/hosts`,
    resolvConf: `${folder}/resolv.conf`,
    hostname: `${folder}/hostname`,
    files: `${folder}/files`,
    shm: `${folder}/shm`,
    socket: `${run}/shims/${id}.sock`,
    runtimeRoot: `${run}/runtimes/${id}`,
    runFiles: `${run}/files/${id}`,
  };
}
