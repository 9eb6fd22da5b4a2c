// What the functions of the package take and give.
import { connectionType } from "./catalog.ts";
import { type Property, property } from "./property.ts";

export interface FunctionType {
  name: string;
  doc: string;
  inputs: Property[];
  outputs: Property[];
}

const text = { kind: "string" } as const;
const out = (name: string, doc: string, type: Property["type"] = text): Property =>
  property(name, doc, type, { required: true, rule: "computed" });
const needed = (name: string, doc: string): Property =>
  property(name, doc, text, { required: true });

const place = [
  property("host", "A Host's id, or an address such as `ssh://root@203.0.113.10`.", text, {
    ...{ required: true, resource: "Host" },
  }),
  property("connection", "How the host is reached.", connectionType, { secret: true }),
];
const seen = [
  out("containerId", "Id of the container on the host."),
  out("imageId", "Id of the image it was made from."),
  out("status", "What it does."),
  out("addresses", "Its IP addresses by network.", { kind: "map", of: text }),
  out("url", "`http://HOST:PORT` of its first published TCP port; empty without one."),
];

export const FUNCTIONS: FunctionType[] = [
  {
    name: "getHost",
    doc: "Looks at a host and its engine.",
    inputs: place,
    outputs: [
      out("address", "Name or address of the host."),
      out("engine", "`fairlead`, `docker` or `podman`."),
      out("version", "Version of the engine; of an agent yet to be installed, its own."),
      out("apiVersion", "Version of the Docker Engine API that it speaks."),
    ],
  },
  {
    name: "getContainer",
    doc: "Looks at a container on a host.",
    inputs: [...place, needed("name", "Name of the container.")],
    outputs: [out("name", "Name of the container."), ...seen],
  },
  {
    name: "getContainers",
    doc: "Lists the containers of a host, stopped ones too.",
    inputs: [
      ...place,
      property("labels", "Only those with these labels.", { kind: "map", of: text }),
    ],
    outputs: [
      out("containers", "The containers.", {
        kind: "list",
        of: {
          kind: "object",
          name: "ListedContainer",
          properties: [
            out("name", "Name of the container."),
            out("containerId", "Id of the container on the host."),
            out("image", "What it was made from."),
            out("status", "What it does."),
          ],
        },
      }),
    ],
  },
  {
    name: "getImage",
    doc: "Looks at an image on a host.",
    inputs: [...place, needed("name", "Name and tag of the image.")],
    outputs: [
      out("name", "Name and tag of the image."),
      out("ref", "Id of the image on the host."),
      out("repoDigest", "Digest under which its registry has it; empty without one."),
    ],
  },
  {
    name: "getContainerLogs",
    doc: "Reads the last lines of a container's log.",
    inputs: [
      ...place,
      needed("name", "Name of the container."),
      property("tail", "How many lines.", { kind: "integer" }, { default: "100" }),
    ],
    outputs: [out("logs", "The lines, without terminal control characters.")],
  },
];
