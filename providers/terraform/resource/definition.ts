// What the four resources on a host say of themselves beside their fields.
import type {
  ContainerInspectResponse,
  ImageInspect,
  NetworkInspect,
  Volume,
} from "@docker/node-sdk";
import type { NormalSpec } from "../../../resources/canonical.ts";
import type { Change } from "../../../resources/change.ts";
import type { ContainerSpec } from "../../../resources/container.ts";
import {
  type DiffContext,
  diffContainer,
  diffNetwork,
  diffVolume,
} from "../../../resources/diff-resource.ts";
import { containerFacets, normalContainer } from "../../../resources/docker/container.ts";
import { normalNetwork } from "../../../resources/docker/network.ts";
import { normalVolume } from "../../../resources/docker/volume.ts";
import type { NetworkSpec } from "../../../resources/network.ts";
import { SHAPED } from "../../../resources/shape.ts";
import type { VolumeSpec } from "../../../resources/volume.ts";
import type { SeenOf } from "../observer.ts";
import { type Attribute, computed } from "../schema/attribute.ts";
import type { TerraformObject } from "../schema/translate.ts";

export type ObjectKind = "container" | "network" | "volume" | "image";

export interface Definition<K extends ObjectKind = ObjectKind> {
  kind: K;
  doc: string;
  computed: Attribute[];
  /** The computed attributes of what is on the host. */
  show(seen: SeenOf[K]): TerraformObject;
  /** The attribute by which the object is found when its name has changed. */
  idAttribute?: string;
  /** The comparable form of a declaration. */
  normal(spec: never): NormalSpec;
  /** What differs from what is on the host; absent where names are all there is. */
  diff?(spec: never, seen: SeenOf[K], context: DiffContext): Change;
  /** Whether an object with these attributes needs work although its fields are as declared. */
  unwell?(state: TerraformObject): boolean;
}

const volatile = { volatile: true };
const textMap = { kind: "map", of: { kind: "string" } } as const;
const WELL = new Set(["running", "restarting", "completed"]);

const container: Definition<"container"> = {
  kind: "container",
  doc: "A container on a host.",
  computed: [
    computed("container_id", "Id of the container on the host.", volatile),
    computed("image_id", "Id of the image it was made from.", volatile),
    computed(
      "status",
      "`running`, `completed` (a job that has ended well), or what the engine says of it.",
      volatile,
    ),
    computed("addresses", "Its IP addresses by network.", { ...volatile, type: textMap }),
  ],
  idAttribute: "container_id",
  show: (seen: ContainerInspectResponse) => ({
    container_id: seen.Id ?? null,
    image_id: seen.Image ?? null,
    status: statusOf(seen),
    addresses: addressesOf(seen),
  }),
  normal: (spec: ContainerSpec) => normalContainer(spec),
  diff: (spec: ContainerSpec, seen, context) =>
    diffContainer(spec, seen, {
      ...context,
      imageId: imageToCompare(spec, seen),
      imagePending: true,
      ownNetworks: new Set(),
    }),
  unwell: (state) => typeof state.status === "string" && !WELL.has(state.status),
};

const network: Definition<"network"> = {
  kind: "network",
  doc: "A network on a host.",
  computed: [computed("network_id", "Id of the network on the host.", volatile)],
  idAttribute: "network_id",
  show: (seen: NetworkInspect) => ({ network_id: seen.Id ?? null }),
  normal: (spec: NetworkSpec) => normalNetwork(spec),
  diff: (spec: NetworkSpec, seen, context) => diffNetwork(spec, seen, context),
};

const volume: Definition<"volume"> = {
  kind: "volume",
  doc: "A volume on a host. To destroy it destroys its data.",
  computed: [computed("mountpoint", "Where its data is on the host.")],
  show: (seen: Volume) => ({ mountpoint: seen.Mountpoint ?? null }),
  normal: (spec: VolumeSpec) => normalVolume(spec),
  diff: (spec: VolumeSpec, seen, context) => diffVolume(spec, seen, context),
};

const image: Definition<"image"> = {
  kind: "image",
  doc: "An image on a host: from its registry, an archive, or a root file system.",
  computed: [
    computed("ref", "What containers are given, so that they follow its content.", volatile),
    computed("repo_digest", "Digest under which its registry has it.", volatile),
  ],
  show: (seen: ImageInspect) => ({
    ref: seen.Id ?? null,
    repo_digest: seen.RepoDigests?.[0] ?? null,
  }),
  normal: (spec: object) => ({ ...spec }) as NormalSpec,
};

export const DEFINITIONS = { container, network, volume, image } as const;

/** The comparable form of one field's value; undefined when it is no valid value. */
export function meaningOf(kind: ObjectKind, field: string, value: unknown) {
  const type = (SHAPED[kind].shape as Record<string, { safeParse(value: unknown): Parsed }>)[field];
  const parsed = type?.safeParse(value);
  if (!parsed?.success) return undefined;
  const facet = kind === "container" ? (containerFacets as Facets)[field] : undefined;
  if (facet) return facet.normal(parsed.data as never);
  return DEFINITIONS[kind].normal({ [field]: parsed.data } as never)[field];
}

interface Parsed {
  success: boolean;
  data?: unknown;
}
type Facets = Record<string, { normal(value: never): NormalSpec[string] }>;

// A reference by id is compared with the id; a name only says where the image came from.
function imageToCompare(spec: ContainerSpec, seen: ContainerInspectResponse) {
  if (spec.image.startsWith("sha256:")) return spec.image;
  return seen.Config?.Image === spec.image ? undefined : spec.image;
}

function statusOf(seen: ContainerInspectResponse): string | null {
  const { Status: status = null, ExitCode: code } = seen.State ?? {};
  const policy = seen.HostConfig?.RestartPolicy?.Name;
  const mayEnd = !policy || policy === "no" || policy === "on-failure";
  return status === "exited" && code === 0 && mayEnd ? "completed" : status;
}

function addressesOf(seen: ContainerInspectResponse): TerraformObject {
  const joined = Object.entries(seen.NetworkSettings?.Networks ?? {});
  return Object.fromEntries(
    joined.flatMap(([name, { IPAddress, GlobalIPv6Address }]) => {
      const address = IPAddress || GlobalIPv6Address;
      return address ? [[name, address]] : [];
    }),
  );
}
