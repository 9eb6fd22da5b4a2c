// What a caller says about a connection: the field names of pulumi-command, plus ours. Pure values;
// the checks of a host's fields are in resources/kinds/host.
import { FairleadError } from "../../../resources/model/errors.ts";

/** One SSH server on the way to a host, or the host itself. */
export interface SshSpec {
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  /** A private key, or the path of a file that holds one. */
  readonly privateKey?: string | undefined;
  readonly privateKeyPassword?: string | undefined;
  readonly password?: string | undefined;
  readonly agentSocketPath?: string | undefined;
  /** A pinned host key: a line in OpenSSH's form, or `SHA256:` and the fingerprint. */
  readonly hostKey?: string | undefined;
  /** Lines of a known_hosts file, or the path of one. Default: what ssh itself would read. */
  readonly knownHosts?: string | undefined;
  /** Jump hosts in the order in which they are passed. */
  readonly proxy?: SshSpec | readonly SshSpec[] | undefined;
  /** Milliseconds between keep-alive probes, 0 for none. Default 15000. */
  readonly keepAlive?: number | undefined;
  /** Failed attempts to connect before giving up, -1 for no limit. Default 5. */
  readonly dialErrorLimit?: number | undefined;
  /** Milliseconds for one attempt to connect. Default 15000. */
  readonly perDialTimeout?: number | undefined;
}

const URL_FORM = /^ssh:\/\/(?:([^@/?#]*)@)?(\[[^\]]+\]|[^:@/?#[\]]+)(?::(\d{1,5}))?\/?$/;

/** Reads `ssh://user@host:port`; `invalid` for another form or a password in the URL. */
export function parseSshUrl(url: string): SshSpec {
  const match = URL_FORM.exec(url);
  const shown = url.replace(/:[^:@/]*@/, ":…@");
  if (match === null) {
    throw new FairleadError("invalid", `not a host address: ${JSON.stringify(shown)}`, {
      hint: "write ssh://user@host or ssh://user@host:port",
    });
  }
  const user = match[1] === undefined ? undefined : decode(match[1], shown);
  if (user?.includes(":")) {
    throw new FairleadError("invalid", `a password does not belong in an address: ${shown}`, {
      hint: "give it as the host's field `password`, from an environment variable",
    });
  }
  const port = match[3] === undefined ? undefined : Number(match[3]);
  if (port !== undefined && (port < 1 || port > 65535)) {
    throw new FairleadError("invalid", `port out of range: ${shown}`);
  }
  const host = match[2]!.replace(/^\[|\]$/g, "");
  return { host, ...(user ? { user } : {}), ...(port === undefined ? {} : { port }) };
}

/** Throws `invalid` for names that could be mistaken for options or hide control characters. */
export function checkName(kind: "host" | "user", name: string): void {
  const bad = kind === "host" ? /[^A-Za-z0-9._:%-]/ : /[\s"'`$\\;&<>|(){}]|[\x00-\x1f\x7f]/;
  if (name === "" || name.startsWith("-") || bad.test(name)) {
    throw new FairleadError("invalid", `not a valid ${kind} name: ${JSON.stringify(name)}`);
  }
}

function decode(text: string, shown: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new FairleadError("invalid", `not a host address: ${JSON.stringify(shown)}`);
  }
}
