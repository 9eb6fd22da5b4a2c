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

const HOOK = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 };
const PROTOCOL: Record<Family, number> = { ip: 2, ip6: 10 };
const FAMILY_NAME: Record<number, string> = { 1: "inet", 2: "ip", 10: "ip6" };
const SUBSYSTEM = 10 << 8;
const BATCH = { begin: 16, end: 17 };
const NFT = { newTable: 0, deleteTable: 2, newChain: 3, getChain: 4, newRule: 6 };
const TABLE_NAME = 1;
const CHAIN = { table: 1, name: 3, hook: 4, policy: 5, type: 7 };
const CHAIN_HOOK = { number: 1, priority: 2 };
const RULE = { table: 1, chain: 2, expressions: 4, userData: 7 };
const EXPRESSION = { element: 1, name: 1, data: 2 };
const COMMENT_BYTES = 120;

/** One transaction that replaces the tables of a name in some families, or only removes them. */
export function replaceTables(name: string, tables: Table[], families: Family[]): KernelRequest {
  const parts = families.flatMap((family) => {
    const table = tables.find((candidate) => candidate.family === family);
    return [...removal(family, name), ...(table ? creation(table) : [])];
  });
  const frame = (type: number) => message(type, 0, header(0, 10));
  return {
    step: `replace nftables table ${name}`,
    datagram: Buffer.concat([frame(BATCH.begin), ...parts, frame(BATCH.end)]),
  };
}

/** Asks for every chain of every table. */
export function listChains(): KernelRequest {
  return {
    step: "list nftables chains",
    datagram: message(SUBSYSTEM | NFT.getChain, FLAG.dump, header(0, 0)),
  };
}

export function readChains(reply: Buffer): ForeignChain[] {
  return readMessages(reply, 4).flatMap(({ payload }) => {
    const attributes = readAttributes(payload.subarray(4));
    const hook = attributes.get(CHAIN.hook);
    const number = hook && readBig(readAttributes(hook).get(CHAIN_HOOK.number), 4);
    const at = Object.entries(HOOK).find(([, value]) => value === number)?.[0];
    if (at === undefined) return [];
    return [
      {
        family: FAMILY_NAME[payload.readUInt8(0)] ?? "other",
        table: readText(attributes.get(CHAIN.table)),
        name: readText(attributes.get(CHAIN.name)),
        hook: at,
        policy: readBig(attributes.get(CHAIN.policy), 4) === 0 ? "drop" : "accept",
      },
    ];
  });
}

/** Made first, so that the removal works whether or not the table was there. */
function removal(family: Family, name: string): Buffer[] {
  const table = attribute(TABLE_NAME, text(name));
  return [
    request(NFT.newTable, FLAG.create, family, table),
    request(NFT.deleteTable, 0, family, table),
  ];
}

function creation(table: Table): Buffer[] {
  const name = attribute(TABLE_NAME, text(table.name));
  // A rule may jump to any chain, so all chains come before all rules.
  return [
    request(NFT.newTable, FLAG.create, table.family, name),
    ...table.chains.map((chain) => newChain(table, chain)),
    ...table.chains.flatMap((chain) => chain.rules.map((rule) => newRule(table, chain, rule))),
  ];
}

function newChain(table: Table, { name, hook }: Chain): Buffer {
  const parts = [attribute(CHAIN.table, text(table.name)), attribute(CHAIN.name, text(name))];
  if (hook) {
    const number = attribute(CHAIN_HOOK.number, u32be(HOOK[hook.at]));
    const priority = attribute(CHAIN_HOOK.priority, u32be(hook.priority));
    parts.push(nested(CHAIN.hook, number, priority), attribute(CHAIN.type, text(hook.type)));
  }
  return request(NFT.newChain, FLAG.create, table.family, ...parts);
}

function newRule(table: Table, chain: Chain, { expressions, comment }: Rule): Buffer {
  const elements = expressions.map(({ name, attributes }) =>
    nested(
      EXPRESSION.element,
      attribute(EXPRESSION.name, text(name)),
      nested(EXPRESSION.data, ...attributes),
    ),
  );
  const parts = [
    attribute(RULE.table, text(table.name)),
    attribute(RULE.chain, text(chain.name)),
    nested(RULE.expressions, ...elements),
  ];
  if (comment) parts.push(attribute(RULE.userData, userComment(comment)));
  return request(NFT.newRule, FLAG.create | FLAG.append, table.family, ...parts);
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
