// Requests about network interfaces (rtnetlink(7), linux/if_link.h), and the reading of answers.
import {
  attribute,
  FLAG,
  type KernelRequest,
  message,
  nested,
  readAttributes,
  readMessages,
  readText,
  readU32,
  text,
  u8,
  u32,
} from "./message.ts";

export interface Link {
  index: number;
  name: string;
  kind: string;
  /** Index of the bridge that it is a port of; 0 for none. */
  master: number;
  alias: string;
  macAddress: string;
  mtu: number;
  up: boolean;
}

export interface Veth {
  name: string;
  macAddress: string;
  mtu: number;
  /** Index of the bridge. */
  master: number;
  peer: { name: string; macAddress: string; netnsFd: number };
}

export interface Macvlan {
  name: string;
  macAddress: string;
  mtu: number;
  /** Index of the interface that it is a part of. */
  parent: number;
  /** One of enum macvlan_mode. */
  mode: number;
  netnsFd: number;
}

export interface LinkChange {
  up?: boolean;
  alias?: string;
  mtu?: number;
  macAddress?: string;
  /** Set on a port of a bridge. */
  port?: { hairpin: boolean; isolated: boolean };
}

const RTM = { newLink: 16, delLink: 17, getLink: 18 };
const IFLA = {
  ...{ address: 1, name: 3, mtu: 4, link: 5 },
  ...{ master: 10, info: 18, alias: 20, netnsFd: 28 },
};
const INFO = { kind: 1, data: 2, portKind: 4, portData: 5 };
const BRIDGE = { forwardDelay: 1, stp: 5 };
const PORT = { hairpin: 4, isolated: 33 };
const VETH_PEER = 1;
const MACVLAN_MODE = 1;
const IFF_UP = 1;
const ENODEV = 19;
const HEADER_BYTES = 16;

/**
 * A bridge with its owner's mark. Both messages are one datagram, which the kernel works through
 * within one system call: a killed agent leaves no bridge without a mark.
 */
export function addBridge(name: string, macAddress: string, mtu: number, alias: string) {
  const options = [attribute(BRIDGE.forwardDelay, u32(0)), attribute(BRIDGE.stp, u32(0))];
  const info = nested(
    IFLA.info,
    attribute(INFO.kind, text("bridge")),
    nested(INFO.data, ...options),
  );
  const made = create(linkHeader(), ...identity(name, macAddress, mtu), info);
  const marked = setLink(name, { alias }).datagram;
  return { step: `create bridge ${name}`, datagram: Buffer.concat([made, marked]) };
}

/** A pair of interfaces: one a port of a bridge, its peer in another namespace. */
export function addVeth(veth: Veth): KernelRequest {
  const peer = [
    linkHeader(),
    ...identity(veth.peer.name, veth.peer.macAddress, veth.mtu),
    attribute(IFLA.netnsFd, u32(veth.peer.netnsFd)),
  ];
  const data = nested(INFO.data, nested(VETH_PEER, ...peer));
  const info = nested(IFLA.info, attribute(INFO.kind, text("veth")), data);
  const master = attribute(IFLA.master, u32(veth.master));
  const own = identity(veth.name, veth.macAddress, veth.mtu);
  return {
    step: `create interface ${veth.name}`,
    datagram: create(linkHeader(), ...own, master, info),
  };
}

/** An interface that leads nowhere, which other interfaces can be parts of. */
export function addDummy(link: { name: string; macAddress: string; mtu: number }): KernelRequest {
  const info = nested(IFLA.info, attribute(INFO.kind, text("dummy")));
  const own = identity(link.name, link.macAddress, link.mtu);
  return { step: `create interface ${link.name}`, datagram: create(linkHeader(), ...own, info) };
}

/** A station on the network of another interface, in another namespace. */
export function addMacvlan(link: Macvlan): KernelRequest {
  const info = nested(
    IFLA.info,
    attribute(INFO.kind, text("macvlan")),
    nested(INFO.data, attribute(MACVLAN_MODE, u32(link.mode))),
  );
  const place = [
    attribute(IFLA.link, u32(link.parent)),
    attribute(IFLA.netnsFd, u32(link.netnsFd)),
  ];
  const own = identity(link.name, link.macAddress, link.mtu);
  return {
    step: `create interface ${link.name}`,
    datagram: create(linkHeader(), ...own, ...place, info),
  };
}

export function setLink(name: string, change: LinkChange): KernelRequest {
  const parts = [attribute(IFLA.name, text(name))];
  if (change.macAddress) parts.push(attribute(IFLA.address, macBytes(change.macAddress)));
  if (change.mtu) parts.push(attribute(IFLA.mtu, u32(change.mtu)));
  if (change.alias !== undefined) parts.push(attribute(IFLA.alias, Buffer.from(change.alias)));
  if (change.port) {
    const data = [
      attribute(PORT.hairpin, u8(Number(change.port.hairpin))),
      attribute(PORT.isolated, u8(Number(change.port.isolated))),
    ];
    const kind = attribute(INFO.portKind, text("bridge"));
    parts.push(nested(IFLA.info, kind, nested(INFO.portData, ...data)));
  }
  const header = linkHeader(change.up);
  return {
    step: `set up interface ${name}`,
    datagram: message(RTM.newLink, FLAG.ack, header, ...parts),
  };
}

/** Deletes an interface; a missing one is fine. */
export function deleteLink(name: string): KernelRequest {
  return {
    step: `delete interface ${name}`,
    datagram: message(RTM.delLink, FLAG.ack, linkHeader(), attribute(IFLA.name, text(name))),
    allow: [ENODEV],
  };
}

export function listLinks(): KernelRequest {
  return { step: "list interfaces", datagram: message(RTM.getLink, FLAG.dump, linkHeader()) };
}

/** Asks for one interface by name; a missing one gives no answer. */
export function getLink(name: string): KernelRequest {
  return {
    step: `look up interface ${name}`,
    datagram: message(RTM.getLink, FLAG.ack, linkHeader(), attribute(IFLA.name, text(name))),
    allow: [ENODEV],
  };
}

export function readLinks(reply: Buffer): Link[] {
  return readMessages(reply, HEADER_BYTES).map(({ payload }) => {
    const attributes = readAttributes(payload.subarray(HEADER_BYTES));
    const info = readAttributes(attributes.get(IFLA.info) ?? Buffer.alloc(0));
    return {
      index: payload.readInt32LE(4),
      name: readText(attributes.get(IFLA.name)),
      kind: readText(info.get(INFO.kind)),
      master: readU32(attributes.get(IFLA.master)),
      alias: readText(attributes.get(IFLA.alias)),
      macAddress: attributes.get(IFLA.address)?.toString("hex").match(/../g)?.join(":") ?? "",
      mtu: readU32(attributes.get(IFLA.mtu)),
      up: (payload.readUInt32LE(8) & IFF_UP) !== 0,
    };
  });
}

function create(header: Buffer, ...parts: Buffer[]): Buffer {
  return message(RTM.newLink, FLAG.ack | FLAG.create | FLAG.excl, header, ...parts);
}

function identity(name: string, macAddress: string, mtu: number): Buffer[] {
  return [
    attribute(IFLA.name, text(name)),
    attribute(IFLA.address, macBytes(macAddress)),
    attribute(IFLA.mtu, u32(mtu)),
  ];
}

/** struct ifinfomsg: family, type, index, flags, change mask. */
function linkHeader(up?: boolean): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  if (up !== undefined) {
    bytes.writeUInt32LE(up ? IFF_UP : 0, 8);
    bytes.writeUInt32LE(IFF_UP, 12);
  }
  return bytes;
}

function macBytes(macAddress: string): Buffer {
  return Buffer.from(macAddress.replaceAll(":", ""), "hex");
}
