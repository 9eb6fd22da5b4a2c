// The declaration of a host: how it is reached and which engine runs on it. A change of these
// never replaces what runs there.
import * as z from "zod";
import * as is from "../../model/scalars.ts";
import { field, required, scalar } from "../../model/schema.ts";

const user = is.line.refine((value) => !value.startsWith("-"), { error: "must not begin with -" });
const address = is.line.regex(
  /^[A-Za-z0-9_[][A-Za-z0-9_.:%[\]-]*$/,
  "must be a host name or address",
);
const port = z.int().min(1).max(65_535);

const ssh = {
  user: field(user, "connection", "User to log in as.", {
    shared: true,
    default: "~/.ssh/config, or the current user",
  }),
  port: field(port, "connection", "Port of the SSH server.", { default: "~/.ssh/config, or 22" }),
  privateKey: field(is.secretText, "connection", "Private key, or the path of its file.", {
    ...{ secret: true, shared: true },
    default: "~/.ssh/config, the agent, then the usual files",
  }),
  privateKeyPassword: field(is.secretText, "connection", "Passphrase of the private key.", {
    ...{ secret: true, shared: true },
  }),
  password: field(is.secretText, "connection", "Password to log in with.", {
    ...{ secret: true, shared: true },
  }),
  agentSocketPath: field(is.line, "connection", "Socket of the SSH agent.", {
    shared: true,
    default: "$SSH_AUTH_SOCK",
  }),
  hostKey: field(is.line, "connection", "Public key or SHA256: fingerprint the host must show."),
  knownHosts: field(is.line, "connection", "File of known host keys.", {
    shared: true,
    default: "~/.ssh/known_hosts",
  }),
  dialErrorLimit: field(z.int().min(-1).max(100), "connection", "Attempts to connect.", {
    default: "5",
  }),
  perDialTimeout: field(is.duration, "connection", "Time for one attempt.", {
    default: "15s",
    unit: "milliseconds",
  }),
  keepAlive: field(is.duration, "connection", "Time between two signs of life.", {
    default: "15s",
    unit: "milliseconds",
  }),
};

const proxy = z.strictObject({ host: required(address, "connection", "The jump host."), ...ssh });

/** The engines that a host can have; how each is spoken to is in providers/engine/engines. */
export const ENGINE_NAMES = ["fairlead", "docker", "podman"] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];
export const DEFAULT_ENGINE: EngineName = "fairlead";

const object = z.strictObject({
  host: required(address, "connection", "Name or address; `local` is this machine."),
  ...ssh,
  proxy: field(z.array(proxy), "connection", "Jump hosts, nearest first.", {
    default: "ProxyJump of ~/.ssh/config",
  }),
  become: field(is.bool, "connection", "Use sudo where the user is not root.", { default: "true" }),
  becomePassword: field(is.secretText, "connection", "Password for sudo.", {
    ...{ secret: true, shared: true },
  }),
  engine: field(z.enum(ENGINE_NAMES), "connection", "Engine on the host.", {
    default: "fairlead, installed when it is missing",
  }),
  socket: field(is.absolutePath, "connection", "Socket of the engine on the host.", {
    default: "/run/fairlead/agent.sock, or the engine's own",
  }),
  labels: field(
    is.stringMap,
    "policy",
    "Labels by which services of a Compose file are placed, as node.labels.NAME.",
  ),
  rootless: field(
    is.bool,
    "connection",
    "Install and run the agent as the user, without root, in the user's home folder.",
    { default: "false" },
  ),
  root: field(is.absolutePath, "connection", "State directory of fairlead's agent.", {
    default: "/var/lib/fairlead",
  }),
  run: field(is.absolutePath, "connection", "Runtime directory of fairlead's agent.", {
    default: "/run/fairlead",
  }),
  runtime: field(
    is.line,
    "connection",
    "Runtime of containers here that name none; a change replaces them.",
    { default: "native, or the default of another engine" },
  ),
  storage: field(
    z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "must be a name of a-z, 0-9 and -"),
    "connection",
    "Storage driver of fairlead's agent: overlay, btrfs or copy; fixed while there are containers.",
    { default: "what the host's containers use, else the first that works there" },
  ),
  instance: field(
    z.string().regex(/^[a-z][a-z0-9-]{0,9}$/, "must be at most 10 of a-z, 0-9 and -"),
    "connection",
    "Name that keeps several agents on one machine apart.",
    { default: "fairlead" },
  ),
});

const url = scalar<string, z.input<typeof object>>(
  "host address",
  "local, unix:///path/of/engine.sock, HOST or ssh://[USER@]HOST[:PORT]",
  (value) => {
    const parsed = typeof value === "string" ? fromText(value) : undefined;
    return parsed ? { value: parsed } : { problem: "must be ssh://[USER@]HOST[:PORT] or local" };
  },
);

/** The fields of a host, for docs and provider schemas. */
export const hostFields = object;

/** A host, as an object or in its short text form. */
export const host = z.union([url.pipe(object), object], {
  error: "must be an address as text, or an object with host",
});

export type HostInput = z.input<typeof object> | string;
export type HostSpec = z.output<typeof object>;

function fromText(text: string): z.input<typeof object> | undefined {
  if (text === "local") return { host: "local" };
  const unix = /^unix:\/\/(\/.+)$/.exec(text);
  if (unix) return { host: "local", engine: "docker", socket: unix[1]! };
  const match =
    /^(?:ssh:\/\/)?(?:([^@:/]+)@)?(\[[0-9a-fA-F:.%]+\]|[^@:/]+)(?::(\d{1,5}))?\/?$/.exec(text);
  if (!match) return undefined;
  const [, user, name, port] = match;
  return {
    host: name!.replace(/^\[|\]$/g, ""),
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}
