// What the four resources on a host show beside their fields, as Terraform's attributes.
import type { Kind } from "../../../resources/kinds/registry.ts";
import { factsOf, type SeenOf } from "../../engine/single/definition.ts";
import { type Attribute, computed, snakeCase } from "../schema/attribute.ts";
import type { TerraformObject } from "../schema/translate.ts";

export interface Definition {
  doc: string;
  computed: Attribute[];
  /** The computed attribute by which the object is found when its name has changed. */
  idAttribute?: string;
}

const volatile = { volatile: true };
const textMap = { kind: "map", of: { kind: "string" } } as const;
const WELL = new Set(["running", "restarting", "completed"]);

export const DEFINITIONS: Record<Kind, Definition> = {
  container: {
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
  },
  network: {
    doc: "A network on a host.",
    computed: [computed("network_id", "Id of the network on the host.", volatile)],
    idAttribute: "network_id",
  },
  volume: {
    doc: "A volume on a host. To destroy it destroys its data.",
    computed: [computed("mountpoint", "Where its data is on the host.")],
  },
  image: {
    doc: "An image on a host: from its registry, an archive, or a root file system.",
    computed: [
      computed("ref", "What containers are given, so that they follow its content.", volatile),
      computed("repo_digest", "Digest under which its registry has it.", volatile),
    ],
  },
};

/** The computed attributes of what is on the host. */
export function shown<K extends Kind>(kind: K, seen: SeenOf<K>): TerraformObject {
  const facts = Object.entries(factsOf(kind, seen)).map(([name, fact]) => [snakeCase(name), fact]);
  const known = new Map(facts as [string, TerraformObject[string]][]);
  const values = DEFINITIONS[kind].computed.map(({ name }) => [name, known.get(name) || null]);
  return Object.fromEntries(values);
}

/** The id by which an object of this state is found when its name has changed. */
export function idIn(kind: Kind, state: TerraformObject): string | undefined {
  const { idAttribute } = DEFINITIONS[kind];
  const id = idAttribute === undefined ? undefined : state[idAttribute];
  return typeof id === "string" ? id : undefined;
}

/** Whether an object with these attributes needs work although its fields are as declared. */
export function unwell(kind: Kind, state: TerraformObject): boolean {
  return kind === "container" && typeof state.status === "string" && !WELL.has(state.status);
}
