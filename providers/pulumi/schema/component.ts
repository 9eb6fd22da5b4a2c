// The components of the package: what they take and give.

import { connectionType, type ResourceType } from "./catalog.ts";
import { type Property, property } from "./property.ts";

const text = { kind: "string" } as const;
const bool = { kind: "bool" } as const;
const texts = { kind: "list", of: text } as const;
const out = (name: string, doc: string, type: Property["type"] = text): Property =>
  property(name, doc, type, { rule: "computed" });

export const COMPOSE_STACK: ResourceType = {
  name: "ComposeStack",
  doc:
    "Everything that a Compose file declares: one child for each service, network and volume, " +
    "and for each image that is made from a file.",
  inputs: [
    property("files", "Compose files, each over the one before.", texts, {
      default: "compose.yaml of the project's folder, and its override file",
    }),
    property("host", "The Host on which everything runs, its id, or an address.", text, {
      resource: "Host",
      default: "`hosts`, else the hosts of the file, each as a child",
    }),
    property(
      "connection",
      "How it is reached. SDKs take it from the Host; elsewhere give the Host's `connection`.",
      connectionType,
      { secret: true },
    ),
    property(
      "hosts",
      "Hosts by the names that the file has for them; others of the file become children.",
      { kind: "map", of: text },
      { resource: "Host" },
    ),
    property(
      "connections",
      "How these are reached, by the same names.",
      { kind: "map", of: connectionType },
      { secret: true },
    ),
    property(
      "environment",
      "Variables of the file, over those of the process. What comes of secret ones is secret.",
      { kind: "map", of: text },
      { mayBeSecret: true },
    ),
    property("envFiles", "Files of variables.", texts, { default: ".env beside the file" }),
    property("profiles", "Profiles whose services take part.", texts),
    property("services", "Only these services and what they depend on.", texts),
    property("projectName", "Name of the project.", text, {
      default: "that in the file, or its folder's",
    }),
    property("projectDirectory", "Where relative paths of the file begin.", text, {
      default: "the folder of the first file",
    }),
    property("removeData", "Remove volumes with their data when they are deleted.", bool, {
      default: "false: they stay on the host",
    }),
    property(
      "deleteUnreachable",
      "Let deletions succeed when the host cannot be reached; what is there stays.",
      bool,
      { default: "the provider's, or false" },
    ),
  ],
  computed: [
    out("project", "Name of the project."),
    out("containers", "Ids of the containers by name.", { kind: "map", of: text }),
    out("urls", "`http://HOST:PORT` of each container that publishes a TCP port.", {
      kind: "map",
      of: text,
    }),
  ],
};
