// The bodies of the routes under /fairlead/, which the agent serves and the client asks. Types
// only; everything else on the wire is Docker's.
import type {
  ContainerInspectResponse,
  ImageInspect,
  NetworkInspect,
  Volume,
} from "@docker/node-sdk";

/** Something that an execution driver cannot do, or a host. */
export interface DriverLimit {
  /** A field of a container, with dots; lists are looked through. */
  field: string;
  /** The values that it cannot honour; any without this. */
  values?: string[];
  why: string;
}

/** An execution driver of a host: what makes and runs its containers. */
export interface RuntimeDriver {
  kind: "native" | "oci" | "lxc";
  path: string;
  cannot: DriverLimit[];
}

/** `GET /fairlead/info`. */
export interface AgentInfo {
  /** Version of the package that the agent was built from. */
  version: string;
  /** Digest of the bundle that it runs from; empty when it was started in another way. */
  bundle: string;
  /** The newest Engine API version that it serves, such as `1.51`. */
  apiVersion: string;
  /** /proc/sys/kernel/random/boot_id. */
  bootId: string;
  host: {
    name: string;
    kernel: string;
    architecture: string;
    cpus: number;
    memoryBytes: number;
    cgroups: "v1" | "v2" | "hybrid";
  };
}

/** `POST /fairlead/observe`: the project's objects and the named ones. */
export interface ObserveRequest {
  project?: string;
  containers?: string[];
  networks?: string[];
  volumes?: string[];
  images?: string[];
}

/** A host port that something holds, a container or not. */
export interface HeldPort {
  protocol: "tcp" | "udp";
  /** Empty for every address. */
  hostIp: string;
  port: number;
  /** Name of the container that holds it, when one does. */
  container?: string;
}

export interface ObserveAnswer {
  containers: ContainerInspectResponse[];
  networks: NetworkInspect[];
  volumes: Volume[];
  /** By the reference that was asked for; those that the host lacks are absent. */
  images: Record<string, ImageInspect>;
  /** Ports in use that are not those of `containers`. */
  heldPorts: HeldPort[];
  /** By name; an older agent does not say. */
  runtimes?: Record<string, RuntimeDriver>;
  /** What no container of this host can have; an older agent does not say. */
  cannot?: DriverLimit[];
}

/** `POST /fairlead/labels`: edits labels of an object, metadata only; others stay as they are. */
export interface LabelsRequest {
  kind: "container" | "network" | "volume";
  id: string;
  /** A text sets the label, null takes it away. */
  labels: Record<string, string | null>;
}

/** `POST /fairlead/blobs/missing`. */
export interface MissingBlobsRequest {
  digests: string[];
}

export interface MissingBlobsAnswer {
  missing: string[];
}

/** `POST /fairlead/images`: answers with progress lines like a pull. */
export interface MakeImageRequest {
  /** The names the image gets. */
  name: string;
  /** Digest of the manifest, which is among the blobs. */
  manifest: string;
}

/** The `Fairlead` key of a container's creation. */
export interface FairleadFiles {
  Files: {
    Target: string;
    Uid: number;
    Gid: number;
    Mode: number;
    /** Base64. */
    Content: string;
    Secret: boolean;
  }[];
}
