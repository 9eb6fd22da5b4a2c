// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { IResolvable, TerraformMetaArguments } from "cdktf";
import type { Table } from "../construct/base.ts";

export interface HostConnectionProxy {
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

export interface HostConnection {
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
  readonly proxy?: HostConnectionProxy[];
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

export interface HostTimeouts {
  /** Time to create, such as `30s` or `5m`. Default: 20m. */
  readonly create?: string;
  /** Time to update, such as `30s` or `5m`. Default: 20m. */
  readonly update?: string;
  /** Time to delete, such as `30s` or `5m`. Default: 10m. */
  readonly delete?: string;
}

/** A Linux host that is reached over SSH, and the engine on it. */
export interface HostConfig extends Omit<TerraformMetaArguments, "connection"> {
  /** Name of the host, in ids and messages. Default: `host-` and eight digits. */
  readonly name?: string;
  /** How the host is reached. A change of it touches nothing on the host. */
  readonly connection: HostConnection;
  /**
   * Private key, or the path of its file. Kept in no plan and no state. Needs Terraform
   * 1.11.
   */
  readonly privateKeyWo?: string;
  /** Passphrase of the private key. Kept in no plan and no state. Needs Terraform 1.11. */
  readonly privateKeyPasswordWo?: string;
  /** Password to log in with. Kept in no plan and no state. Needs Terraform 1.11. */
  readonly passwordWo?: string;
  /** Password for sudo. Kept in no plan and no state. Needs Terraform 1.11. */
  readonly becomePasswordWo?: string;
  /** Change it together with what is write-only. */
  readonly connectWoVersion?: string;
  /**
   * Remove the agent when this is destroyed; refused while containers are there. Default:
   * false: the agent stays.
   */
  readonly uninstall?: boolean | IResolvable;
  /** How long an operation may take. */
  readonly timeouts?: HostTimeouts;
}

export const HOST: Table = [
  ["name", "name", "plain"],
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
  ["privateKeyWo", "private_key_wo", "plain"],
  ["privateKeyPasswordWo", "private_key_password_wo", "plain"],
  ["passwordWo", "password_wo", "plain"],
  ["becomePasswordWo", "become_password_wo", "plain"],
  ["connectWoVersion", "connect_wo_version", "plain"],
  ["uninstall", "uninstall", "plain"],
  [
    "timeouts",
    "timeouts",
    [
      "object",
      [
        ["create", "create", "plain"],
        ["update", "update", "plain"],
        ["delete", "delete", "plain"],
      ],
    ],
  ],
];
