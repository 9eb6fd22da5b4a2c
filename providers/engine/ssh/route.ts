// Works out how a host is reached: merges what the caller says with ~/.ssh/config into a list of
// hops, jump hosts first. Reads configuration files; connects to nothing.
import { userInfo } from "node:os";
import { FairleadError } from "../../../resources/model/errors.ts";
import { expandPath, first, type HostSettings, settingsFor } from "./config-file.ts";
import type { HostKeyPolicy } from "./host-key.ts";
import { lookupName } from "./known-hosts.ts";
import { checkName, parseSshUrl, type SshSpec } from "./spec.ts";

/** Everything one SSH handshake needs. */
export interface Hop {
  /** `user@host:port` for messages. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly hostKey: HostKeyPolicy;
  /** A key given by the caller: a value, or a path. */
  readonly privateKey?: string | undefined;
  readonly passphrase?: string | undefined;
  readonly password?: string | undefined;
  readonly agentSocket?: string | undefined;
  /** Files of the configuration, or ssh's default ones; absent files are skipped. */
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  readonly keepAliveMs: number;
  readonly keepAliveCount: number;
  readonly dialTimeoutMs: number;
  readonly proxyCommand?: string | undefined;
}

export interface RouteOptions {
  /** Take the key of a host that is not known yet (`--accept-new-host-key`). Default false. */
  readonly acceptNewHostKey?: boolean | undefined;
  /** Configuration files, the user's first. Default: ssh's. */
  readonly configFiles?: readonly string[] | undefined;
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** Told about settings of the configuration that weaken the connection or are not honoured. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

const DEFAULT_KEYS = ["~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"];
// OpenSSH bounds the chain by its recursion of processes; eight hops are more than anyone has.
const MAX_HOPS = 8;

/** The hops to a host in the order in which they are connected; `invalid` for a bad address. */
export function routeTo(spec: SshSpec, options: RouteOptions = {}): Hop[] {
  return hopsTo(spec, options, 1);
}

function hopsTo(spec: SshSpec, options: RouteOptions, depth: number): Hop[] {
  if (depth > MAX_HOPS) {
    throw new FairleadError("invalid", `${spec.host}: more than ${MAX_HOPS} jump hosts`, {
      hint: "look for a ProxyJump that leads back to itself",
    });
  }
  checkName("host", spec.host);
  const settings = settingsFor(spec.host, spec.user, options.configFiles);
  // The jump hosts of a jump host's own section are followed for the first one only, as ssh does.
  const jumps = jumpsOf(spec, settings).flatMap((jump, index) => {
    if (index === 0) return hopsTo(jump, options, depth + 1);
    if (jump.proxy !== undefined) {
      throw new FairleadError("invalid", `${jump.host}: only the first proxy may have a proxy`);
    }
    checkName("host", jump.host);
    return [hopOf(jump, settingsFor(jump.host, jump.user, options.configFiles), options)];
  });
  const hop = hopOf(spec, settings, options);
  if (hop.proxyCommand !== undefined && jumps.length > 0) {
    throw new FairleadError("invalid", `${hop.name}: both ProxyCommand and jump hosts`);
  }
  return [...jumps, hop];
}

function jumpsOf(spec: SshSpec, settings: HostSettings): readonly SshSpec[] {
  if (spec.proxy !== undefined) return [spec.proxy].flat() as SshSpec[];
  const jump = first(settings, "proxyjump");
  if (jump === undefined || jump.toLowerCase() === "none") return [];
  return jump.split(",").map((part) => {
    const text = part.trim();
    return parseSshUrl(text.startsWith("ssh://") ? text : `ssh://${text}`);
  });
}

function hopOf(spec: SshSpec, settings: HostSettings, options: RouteOptions): Hop {
  const port = spec.port ?? number(settings, "port") ?? 22;
  const user = spec.user ?? first(settings, "user") ?? userInfo().username;
  checkName("user", user);
  const host = expandPath(first(settings, "hostname") ?? spec.host, { h: spec.host });
  checkName("host", host);
  const name = `${user}@${spec.host}:${port}`;
  const tokens = { h: host, r: user, p: String(port), n: spec.host };
  const files = settings.identityfile;
  const identityFiles = files === undefined ? DEFAULT_KEYS : [files].flat();
  const command = first(settings, "proxycommand");
  const direct = spec.proxy !== undefined || command === undefined || command === "none";
  warn(name, settings, options);
  return {
    name,
    host,
    port,
    user,
    hostKey: hostKeyPolicy(name, { ...spec, host, port }, settings, options),
    privateKey: spec.privateKey,
    passphrase: spec.privateKeyPassword,
    password: spec.password,
    agentSocket: agentSocket(spec, settings, options, tokens),
    identityFiles: identityFiles.map((file) => expandPath(file, tokens)),
    identitiesOnly: first(settings, "identitiesonly")?.toLowerCase() === "yes",
    keepAliveMs: spec.keepAlive ?? (number(settings, "serveraliveinterval") || 15) * 1000,
    keepAliveCount: number(settings, "serveralivecountmax") ?? 3,
    dialTimeoutMs: spec.perDialTimeout ?? (number(settings, "connecttimeout") || 15) * 1000,
    proxyCommand: direct ? undefined : expandPath(command, tokens),
  };
}

function hostKeyPolicy(
  name: string,
  spec: SshSpec & { port: number },
  settings: HostSettings,
  options: RouteOptions,
): HostKeyPolicy {
  const alias = first(settings, "hostkeyalias");
  const strict = (first(settings, "stricthostkeychecking") ?? "ask").toLowerCase();
  const given = spec.knownHosts;
  const isText = given !== undefined && /\s(ssh-|ecdsa-|sk-)/.test(given);
  const user = fileList(settings, "userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2");
  const system = fileList(settings, "globalknownhostsfile", "/etc/ssh/ssh_known_hosts");
  return {
    name,
    lookup: alias === undefined ? lookupName(spec.host, spec.port) : alias.toLowerCase(),
    pinned: spec.hostKey,
    knownHostsText: isText ? given : undefined,
    knownHostsFiles: given === undefined ? [...user, ...system] : isText ? [] : [expandPath(given)],
    acceptNew: options.acceptNewHostKey === true || ["accept-new", "no", "off"].includes(strict),
    hashNames: first(settings, "hashknownhosts")?.toLowerCase() === "yes",
  };
}

function agentSocket(
  spec: SshSpec,
  settings: HostSettings,
  options: RouteOptions,
  tokens: Readonly<Record<string, string>>,
): string | undefined {
  if (spec.agentSocketPath !== undefined) return expandPath(spec.agentSocketPath);
  const environment = options.environment ?? process.env;
  const named = first(settings, "identityagent");
  if (named === undefined || named === "SSH_AUTH_SOCK") return environment.SSH_AUTH_SOCK;
  if (named.toLowerCase() === "none") return undefined;
  if (named.startsWith("$")) return environment[named.replace(/^\$\{?|\}$/g, "")];
  return expandPath(named, tokens);
}

function warn(name: string, settings: HostSettings, options: RouteOptions): void {
  const strict = first(settings, "stricthostkeychecking")?.toLowerCase();
  if (strict === "no" || strict === "off") {
    options.onWarning?.(
      `${name}: StrictHostKeyChecking ${strict} is taken as accept-new: a new key is ` +
        "accepted and written down, a changed key is refused",
    );
  }
  for (const keyword of ["certificatefile", "pkcs11provider", "securitykeyprovider"]) {
    if (settings[keyword] === undefined) continue;
    options.onWarning?.(`${name}: ${keyword} of the ssh configuration is not used`);
  }
}

function number(settings: HostSettings, key: string): number | undefined {
  const value = first(settings, key);
  return value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) : undefined;
}

function fileList(settings: HostSettings, key: string, otherwise: string): string[] {
  const value = settings[key] ?? otherwise;
  const files = typeof value === "string" ? value.split(/\s+/) : value;
  return files.filter((file) => file !== "" && file !== "none").map((file) => expandPath(file));
}
