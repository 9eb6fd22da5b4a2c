// An nftables table as a value, and the one transaction that puts it in the place of the old one.
import {
  attribute,
  FLAG,
  type KernelRequest,
  message,
  nested,
  readAttributes,
  readBig,
  readMessages,
  readText,
  text,
  u32be,
} from "../netlink/message.ts";
import {
  NF_DROP,
  NF_INET_FORWARD,
  NF_INET_LOCAL_IN,
  NF_INET_LOCAL_OUT,
  NF_INET_POST_ROUTING,
  NF_INET_PRE_ROUTING,
  NFNL_MSG_BATCH_BEGIN,
  NFNL_MSG_BATCH_END,
  NFNL_SUBSYS_NFTABLES,
  NFPROTO_INET,
  NFPROTO_IPV4,
  NFPROTO_IPV6,
  NFT_MSG_DELTABLE,
  NFT_MSG_GETCHAIN,
  NFT_MSG_NEWCHAIN,
  NFT_MSG_NEWRULE,
  NFT_MSG_NEWTABLE,
  NFTA_CHAIN_HOOK,
  NFTA_CHAIN_NAME,
  NFTA_CHAIN_POLICY,
  NFTA_CHAIN_TABLE,
  NFTA_CHAIN_TYPE,
  NFTA_EXPR_DATA,
  NFTA_EXPR_NAME,
  NFTA_HOOK_HOOKNUM,
  NFTA_HOOK_PRIORITY,
  NFTA_LIST_ELEM,
  NFTA_RULE_CHAIN,
  NFTA_RULE_EXPRESSIONS,
  NFTA_RULE_TABLE,
  NFTA_RULE_USERDATA,
  NFTA_TABLE_NAME,
} from "../netlink/numbers.ts";
import type { Expression } from "./expression.ts";

export type Family = "ip" | "ip6";

export interface Rule {
  expressions: Expression[];
  /** Shown by `nft list ruleset`; at most 120 bytes. */
  comment?: string;
}

export interface Chain {
  name: string;
  /** Where the kernel begins with this chain; a chain without it is only jumped to. */
  hook?: { type: "nat" | "filter"; at: keyof typeof HOOK; priority: number };
  rules: Rule[];
}

export interface Table {
  family: Family;
  name: string;
  chains: Chain[];
}

/** A base chain of any table on the host. */
export interface ForeignChain {
  family: string;
  table: string;
  name: string;
  hook: string;
  policy: "accept" | "drop";
}

const HOOK = {
  prerouting: NF_INET_PRE_ROUTING,
  input: NF_INET_LOCAL_IN,
  forward: NF_INET_FORWARD,
  output: NF_INET_LOCAL_OUT,
  postrouting: NF_INET_POST_ROUTING,
};
const PROTOCOL: Record<Family, number> = { ip: NFPROTO_IPV4, ip6: NFPROTO_IPV6 };
const FAMILY_NAME: Record<number, string> = {
  [NFPROTO_INET]: "inet",
  [NFPROTO_IPV4]: "ip",
  [NFPROTO_IPV6]: "ip6",
};
const SUBSYSTEM = NFNL_SUBSYS_NFTABLES << 8;
const COMMENT_BYTES = 120;

/** One transaction that replaces the tables of a name in some families, or only removes them. */
export function replaceTables(name: string, tables: Table[], families: Family[]): KernelRequest {
  const parts = families.flatMap((family) => {
    const table = tables.find((candidate) => candidate.family === family);
    return [...removal(family, name), ...(table ? creation(table) : [])];
  });
  const frame = (type: number) => message(type, 0, header(0, NFNL_SUBSYS_NFTABLES));
  return {
    step: `replace nftables table ${name}`,
    datagram: Buffer.concat([frame(NFNL_MSG_BATCH_BEGIN), ...parts, frame(NFNL_MSG_BATCH_END)]),
  };
}

/** Asks for every chain of every table. */
export function listChains(): KernelRequest {
  return {
    step: "list nftables chains",
    datagram: message(SUBSYSTEM | NFT_MSG_GETCHAIN, FLAG.dump, header(0, 0)),
  };
}

export function readChains(reply: Buffer): ForeignChain[] {
  return readMessages(reply, 4).flatMap(({ payload }) => {
    const attributes = readAttributes(payload.subarray(4));
    const hook = attributes.get(NFTA_CHAIN_HOOK);
    const number = hook && readBig(readAttributes(hook).get(NFTA_HOOK_HOOKNUM), 4);
    const at = Object.entries(HOOK).find(([, value]) => value === number)?.[0];
    if (at === undefined) return [];
    return [
      {
        family: FAMILY_NAME[payload.readUInt8(0)] ?? "other",
        table: readText(attributes.get(NFTA_CHAIN_TABLE)),
        name: readText(attributes.get(NFTA_CHAIN_NAME)),
        hook: at,
        policy: readBig(attributes.get(NFTA_CHAIN_POLICY), 4) === NF_DROP ? "drop" : "accept",
      },
    ];
  });
}

/** Made first, so that the removal works whether or not the table was there. */
function removal(family: Family, name: string): Buffer[] {
  const table = attribute(NFTA_TABLE_NAME, text(name));
  return [
    request(NFT_MSG_NEWTABLE, FLAG.create, family, table),
    request(NFT_MSG_DELTABLE, 0, family, table),
  ];
}

function creation(table: Table): Buffer[] {
  const name = attribute(NFTA_TABLE_NAME, text(table.name));
  // A rule may jump to any chain, so all chains come before all rules.
  return [
    request(NFT_MSG_NEWTABLE, FLAG.create, table.family, name),
    ...table.chains.map((chain) => newChain(table, chain)),
    ...table.chains.flatMap((chain) => chain.rules.map((rule) => newRule(table, chain, rule))),
  ];
}

function newChain(table: Table, { name, hook }: Chain): Buffer {
  const parts = [
    attribute(NFTA_CHAIN_TABLE, text(table.name)),
    attribute(NFTA_CHAIN_NAME, text(name)),
  ];
  if (hook) {
    const number = attribute(NFTA_HOOK_HOOKNUM, u32be(HOOK[hook.at]));
    const priority = attribute(NFTA_HOOK_PRIORITY, u32be(hook.priority));
    parts.push(
      nested(NFTA_CHAIN_HOOK, number, priority),
      attribute(NFTA_CHAIN_TYPE, text(hook.type)),
    );
  }
  return request(NFT_MSG_NEWCHAIN, FLAG.create, table.family, ...parts);
}

function newRule(table: Table, chain: Chain, { expressions, comment }: Rule): Buffer {
  const elements = expressions.map(({ name, attributes }) =>
    nested(
      NFTA_LIST_ELEM,
      attribute(NFTA_EXPR_NAME, text(name)),
      nested(NFTA_EXPR_DATA, ...attributes),
    ),
  );
  const parts = [
    attribute(NFTA_RULE_TABLE, text(table.name)),
    attribute(NFTA_RULE_CHAIN, text(chain.name)),
    nested(NFTA_RULE_EXPRESSIONS, ...elements),
  ];
  if (comment) parts.push(attribute(NFTA_RULE_USERDATA, userComment(comment)));
  return request(NFT_MSG_NEWRULE, FLAG.create | FLAG.append, table.family, ...parts);
}

/** The form that nft gives comments: type 0, length, text with a closing zero. */
function userComment(comment: string): Buffer {
  const bytes = text(comment.slice(0, COMMENT_BYTES));
  return Buffer.concat([Buffer.from([0, bytes.length]), bytes]);
}

function request(type: number, flags: number, family: Family, ...parts: Buffer[]): Buffer {
  const kind = SUBSYSTEM | type;
  return message(kind, flags | FLAG.ack, header(PROTOCOL[family], 0), ...parts);
}

/** struct nfgenmsg: family, version, resource id in network order. */
function header(family: number, resource: number): Buffer {
  return Buffer.from([family, 0, 0, resource]);
}
