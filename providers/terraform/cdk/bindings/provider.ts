// Generated from the provider's attributes by `npm run generate`; not edited by hand.
import type { IResolvable } from "cdktf";
import type { Construct } from "constructs";
import { FairleadProviderBase, type Table } from "../construct/base.ts";

/** The provider block. */
export interface FairleadProviderConfig {
  /** Marks what was made here, in the labels of every object. Default: terraform. */
  readonly project?: string;
  /**
   * Take the key of a host that is not in the known hosts yet, and write it down. Default:
   * false.
   */
  readonly acceptNewHostKey?: boolean | IResolvable;
  /**
   * Let a destruction succeed on a host that cannot be reached; what is there stays there.
   * Default: false.
   */
  readonly deleteUnreachable?: boolean | IResolvable;
  /**
   * User to log in as. For hosts that do not say their own; kept in no state. Default:
   * ~/.ssh/config, or the current user.
   */
  readonly user?: string;
  /**
   * Private key, or the path of its file. For hosts that do not say their own; kept in no
   * state. Default: ~/.ssh/config, the agent, then the usual files.
   */
  readonly privateKey?: string;
  /** Passphrase of the private key. For hosts that do not say their own; kept in no state. */
  readonly privateKeyPassword?: string;
  /** Password to log in with. For hosts that do not say their own; kept in no state. */
  readonly password?: string;
  /**
   * Socket of the SSH agent. For hosts that do not say their own; kept in no state. Default:
   * $SSH_AUTH_SOCK.
   */
  readonly agentSocketPath?: string;
  /**
   * File of known host keys. For hosts that do not say their own; kept in no state. Default:
   * ~/.ssh/known_hosts.
   */
  readonly knownHosts?: string;
  /** Password for sudo. For hosts that do not say their own; kept in no state. */
  readonly becomePassword?: string;
  /** For another project. */
  readonly alias?: string;
}

const PROVIDER: Table = [
  ["project", "project", "plain"],
  ["acceptNewHostKey", "accept_new_host_key", "plain"],
  ["deleteUnreachable", "delete_unreachable", "plain"],
  ["user", "user", "plain"],
  ["privateKey", "private_key", "plain"],
  ["privateKeyPassword", "private_key_password", "plain"],
  ["password", "password", "plain"],
  ["agentSocketPath", "agent_socket_path", "plain"],
  ["knownHosts", "known_hosts", "plain"],
  ["becomePassword", "become_password", "plain"],
];

/** The provider of containers on Linux hosts over SSH. */
export class FairleadProvider extends FairleadProviderBase {
  static readonly tfResourceType: string = "fairlead";

  constructor(scope: Construct, id: string, config: FairleadProviderConfig = {}) {
    super(scope, id, PROVIDER, config);
  }
}
