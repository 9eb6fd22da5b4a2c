// Data sources of a host as a whole: its facts, its containers, and what a container has logged.
import { host as hostType } from "../../../resources/kinds/host/host.ts";
import { FairleadError } from "../../../resources/model/errors.ts";
import { inspect } from "../../../resources/model/schema.ts";
import { userLabels } from "../../../resources/plan/ownership.ts";
import { ifThere } from "../../engine/allowing.ts";
import { hasUnknown } from "../protocol/value.ts";
import { connectAttributes, connectOf, factsOf, hostFacts } from "../resource/host.ts";
import { type Attribute, computed } from "../schema/attribute.ts";
import { ofProblem, problem } from "../schema/diagnostic.ts";
import type { TerraformObject } from "../schema/translate.ts";
import { logLines } from "./log-lines.ts";
import { hostArgument } from "./objects.ts";
import type { DataSource } from "./type.ts";

const textMap = { kind: "map", of: { kind: "string" } } as const;
const optional = { mode: "optional", rule: "replace" } as const;

export const hostSource: DataSource = {
  name: "fairlead_host",
  doc: "What a host is, without installing anything there.",
  attributes: [
    computed("id", "The host, or its address."),
    { ...hostArgument, mode: "optional", doc: `${hostArgument.doc} Or else give \`connect\`.` },
    {
      ...{ name: "connect", type: { kind: "object", attributes: connectAttributes }, ...optional },
      doc: "How the host is reached.",
    },
    ...hostFacts,
  ],
  validate(config) {
    const given = [config.host, config.connect].filter((one) => (one ?? null) !== null);
    if (given.length !== 1) return [problem("give either host or connect", "", "host")];
    const connect = config.connect ?? null;
    if (connect === null || hasUnknown(connect)) return [];
    return inspect(hostType, connectOf(config), ["connect"]).problems.map((one) =>
      ofProblem(one, "host"),
    );
  },
  async read(config, session) {
    const { connections } = session;
    const fields = connectOf(config);
    const connection =
      config.connect === null
        ? await connections.find(String(config.host))
        : connections.connect(String(fields.host), fields);
    const facts = await factsOf(connection, "connectReadOnly", session.stop);
    return { ...config, ...facts, id: connection.host };
  },
};

const listed: Attribute[] = [
  computed("name", "Name on the host."),
  computed("container_id", "Id of the container."),
  computed("image", "Image it was made from."),
  computed("status", "What the engine says of it."),
  computed("labels", "Its labels.", { type: textMap }),
];

export const containersSource: DataSource = {
  name: "fairlead_containers",
  doc: "The containers of a host, running or not, by whomever they were made.",
  attributes: [
    computed("id", "The host."),
    hostArgument,
    { name: "labels", type: textMap, ...optional, doc: "Only those that have all these labels." },
    {
      ...{ name: "containers", mode: "computed", rule: "computed", doc: "Sorted by name." },
      type: { kind: "list", of: { kind: "object", attributes: listed } },
    },
  ],
  async read(config, session) {
    const connection = await session.connections.find(String(config.host));
    const engine = await connection.connectReadOnly(session.stop);
    const labels = Object.entries((config.labels ?? {}) as Record<string, string>);
    const found = await engine.containers.list({
      ...{ all: true, labels: labels.map(([key, value]) => `${key}=${value}`) },
    });
    const containers = found.map((one) => ({
      name: one.Names?.[0]?.replace(/^\//, "") ?? "",
      container_id: one.Id ?? "",
      image: one.Image ?? "",
      status: one.State ?? "",
      labels: userLabels(one.Labels),
    }));
    containers.sort((a, b) => (a.name < b.name ? -1 : 1));
    return { ...config, id: connection.host, containers };
  },
};

export const logsSource: DataSource = {
  name: "fairlead_container_logs",
  doc: "The last lines that a container has logged.",
  attributes: [
    computed("id", "`HOST/NAME`."),
    hostArgument,
    {
      ...{ name: "name", type: { kind: "string" }, mode: "required", rule: "replace" },
      doc: "Name of the container.",
    },
    {
      ...{ name: "tail", type: { kind: "number", integer: true }, ...optional },
      ...{ doc: "How many lines, at most 10000.", default: "100" },
    },
    computed("lines", "The lines, oldest first, of both streams.", {
      type: { kind: "list", of: { kind: "string" } },
    }),
  ],
  validate({ tail }) {
    const fine =
      typeof tail !== "number" || (Number.isInteger(tail) && tail >= 0 && tail <= 10_000);
    return fine ? [] : [problem("tail: must be a whole number from 0 to 10000", "", "tail")];
  },
  async read(config, session): Promise<TerraformObject> {
    const connection = await session.connections.find(String(config.host));
    const engine = await connection.connectReadOnly(session.stop);
    const name = String(config.name);
    const seen = await ifThere(engine.containers.inspect(name));
    if (!seen) {
      throw new FairleadError("not_found", `there is no container ${name} on ${connection.host}`);
    }
    const tail = typeof config.tail === "number" ? config.tail : 100;
    const options = { tail, tty: seen.Config?.Tty === true, signal: session.stop };
    const lines = await logLines(await engine.containers.logs(name, options));
    return { ...config, id: `${connection.host}/${name}`, lines };
  },
};
