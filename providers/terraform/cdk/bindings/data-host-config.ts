// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { IResolvable, TerraformMetaArguments } from "cdktf";
import type { Table } from "../construct/base.ts";

export interface DataHostConnectionProxy {
  /** The jump host. */
  readonly host: string;
  /** User to log in as. Default: ~/.ssh/config, or the current user. */
  readonly user?: string;
  /** Port of the SSH server. Default: ~/.ssh/config, or 22. */
  readonly port?: number;
  /**
   * Private key, or the path of its file. Default: ~/.ssh/config, the agent, then the usual
   * files.
   */
  readonly privateKey?: string;
  /** Passphrase of the private key. */
  readonly privateKeyPassword?: string;
  /** Password to log in with. */
  readonly password?: string;
  /** Socket of the SSH agent. Default: $SSH_AUTH_SOCK. */
  readonly agentSocketPath?: string;
  /** Public key or SHA256: fingerprint the host must show. */
  readonly hostKey?: string;
  /** File of known host keys. Default: ~/.ssh/known_hosts. */
  readonly knownHosts?: string;
  /** Attempts to connect. Default: 5. */
  readonly dialErrorLimit?: number;
  /** Time for one attempt. A duration such as `1m30s`. Default: 15s. */
  readonly perDialTimeout?: string;
  /** Time between two signs of life. A duration such as `1m30s`. Default: 15s. */
  readonly keepAlive?: string;
}

export interface DataHostConnection {
  /** Name or address; `local` is this machine. */
  readonly host: string;
  /** User to log in as. Default: ~/.ssh/config, or the current user. */
  readonly user?: string;
  /** Port of the SSH server. Default: ~/.ssh/config, or 22. */
  readonly port?: number;
  /**
   * Private key, or the path of its file. Default: ~/.ssh/config, the agent, then the usual
   * files.
   */
  readonly privateKey?: string;
  /** Passphrase of the private key. */
  readonly privateKeyPassword?: string;
  /** Password to log in with. */
  readonly password?: string;
  /** Socket of the SSH agent. Default: $SSH_AUTH_SOCK. */
  readonly agentSocketPath?: string;
  /** Public key or SHA256: fingerprint the host must show. */
  readonly hostKey?: string;
  /** File of known host keys. Default: ~/.ssh/known_hosts. */
  readonly knownHosts?: string;
  /** Attempts to connect. Default: 5. */
  readonly dialErrorLimit?: number;
  /** Time for one attempt. A duration such as `1m30s`. Default: 15s. */
  readonly perDialTimeout?: string;
  /** Time between two signs of life. A duration such as `1m30s`. Default: 15s. */
  readonly keepAlive?: string;
  /** Jump hosts, nearest first. Default: ProxyJump of ~/.ssh/config. */
  readonly proxy?: DataHostConnectionProxy[];
  /** Use sudo where the user is not root. Default: true. */
  readonly become?: boolean | IResolvable;
  /** Password for sudo. */
  readonly becomePassword?: string;
  /**
   * Engine on the host. One of `fairlead`, `docker`, `podman`. Default: fairlead, installed
   * when it is missing.
   */
  readonly engine?: string;
  /**
   * Socket of the engine on the host. Default: /run/fairlead/agent.sock, or the engine's
   * own.
   */
  readonly socket?: string;
  /** Labels by which services of a Compose file are placed, as node.labels.NAME. */
  readonly labels?: { [key: string]: string };
  /**
   * Install and run the agent as the user, without root, in the user's home folder. Default:
   * false.
   */
  readonly rootless?: boolean | IResolvable;
  /** State directory of fairlead's agent. Default: /var/lib/fairlead. */
  readonly root?: string;
  /** Runtime directory of fairlead's agent. Default: /run/fairlead. */
  readonly run?: string;
  /**
   * Runtime of containers here that name none; a change replaces them. Default: native, or
   * the default of another engine.
   */
  readonly runtime?: string;
  /**
   * Storage driver of fairlead's agent: overlay, btrfs or copy; fixed while there are
   * containers. Default: what the host's containers use, else the first that works there.
   */
  readonly storage?: string;
  /** Name that keeps several agents on one machine apart. Default: fairlead. */
  readonly instance?: string;
}

/** What a host is, without installing anything there. */
export interface DataHostConfig extends Omit<TerraformMetaArguments, "connection"> {
  /**
   * Id of a `fairlead_host`, or an address: `local`, `unix:///SOCKET`, `ssh://USER@HOST`. Or
   * else give `connect`.
   */
  readonly host?: string;
  /** How the host is reached. */
  readonly connection?: DataHostConnection;
}

export const DATA_HOST: Table = [
  ["host", "host", "plain"],
  [
    "connection",
    "connect",
    [
      "object",
      [
        ["host", "host", "plain"],
        ["user", "user", "plain"],
        ["port", "port", "plain"],
        ["privateKey", "private_key", "plain"],
        ["privateKeyPassword", "private_key_password", "plain"],
        ["password", "password", "plain"],
        ["agentSocketPath", "agent_socket_path", "plain"],
        ["hostKey", "host_key", "plain"],
        ["knownHosts", "known_hosts", "plain"],
        ["dialErrorLimit", "dial_error_limit", "plain"],
        ["perDialTimeout", "per_dial_timeout", "plain"],
        ["keepAlive", "keep_alive", "plain"],
        [
          "proxy",
          "proxy",
          [
            "list",
            [
              "object",
              [
                ["host", "host", "plain"],
                ["user", "user", "plain"],
                ["port", "port", "plain"],
                ["privateKey", "private_key", "plain"],
                ["privateKeyPassword", "private_key_password", "plain"],
                ["password", "password", "plain"],
                ["agentSocketPath", "agent_socket_path", "plain"],
                ["hostKey", "host_key", "plain"],
                ["knownHosts", "known_hosts", "plain"],
                ["dialErrorLimit", "dial_error_limit", "plain"],
                ["perDialTimeout", "per_dial_timeout", "plain"],
                ["keepAlive", "keep_alive", "plain"],
              ],
            ],
          ],
        ],
        ["become", "become", "plain"],
        ["becomePassword", "become_password", "plain"],
        ["engine", "engine", "plain"],
        ["socket", "socket", "plain"],
        ["labels", "labels", ["map", "plain"]],
        ["rootless", "rootless", "plain"],
        ["root", "root", "plain"],
        ["run", "run", "plain"],
        ["runtime", "runtime", "plain"],
        ["storage", "storage", "plain"],
        ["instance", "instance", "plain"],
      ],
    ],
  ],
];
