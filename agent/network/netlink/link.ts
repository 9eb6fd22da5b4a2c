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
import {
  ENODEV,
  IFF_UP,
  IFLA_ADDRESS,
  IFLA_BR_FORWARD_DELAY,
  IFLA_BR_STP_STATE,
  IFLA_BRPORT_ISOLATED,
  IFLA_BRPORT_MODE,
  IFLA_IFALIAS,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_INFO_SLAVE_DATA,
  IFLA_INFO_SLAVE_KIND,
  IFLA_LINK,
  IFLA_LINKINFO,
  IFLA_MACVLAN_MODE,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  RTM_DELLINK,
  RTM_GETLINK,
  RTM_NEWLINK,
  VETH_INFO_PEER,
} from "./numbers.ts";

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

const HEADER_BYTES = 16;

/**
 * A bridge with its owner's mark. Both messages are one datagram, which the kernel works through
 * within one system call: a killed agent leaves no bridge without a mark.
 */
export function addBridge(name: string, macAddress: string, mtu: number, alias: string) {
  const options = [attribute(IFLA_BR_FORWARD_DELAY, u32(0)), attribute(IFLA_BR_STP_STATE, u32(0))];
  const info = nested(
    IFLA_LINKINFO,
    attribute(IFLA_INFO_KIND, text("bridge")),
    nested(IFLA_INFO_DATA, ...options),
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
    attribute(IFLA_NET_NS_FD, u32(veth.peer.netnsFd)),
  ];
  const data = nested(IFLA_INFO_DATA, nested(VETH_INFO_PEER, ...peer));
  const info = nested(IFLA_LINKINFO, attribute(IFLA_INFO_KIND, text("veth")), data);
  const master = attribute(IFLA_MASTER, u32(veth.master));
  const own = identity(veth.name, veth.macAddress, veth.mtu);
  return {
    step: `create interface ${veth.name}`,
    datagram: create(linkHeader(), ...own, master, info),
  };
}

/** An interface that leads nowhere, which other interfaces can be parts of. */
export function addDummy(link: { name: string; macAddress: string; mtu: number }): KernelRequest {
  const info = nested(IFLA_LINKINFO, attribute(IFLA_INFO_KIND, text("dummy")));
  const own = identity(link.name, link.macAddress, link.mtu);
  return { step: `create interface ${link.name}`, datagram: create(linkHeader(), ...own, info) };
}

/** A station on the network of another interface, in another namespace. */
export function addMacvlan(link: Macvlan): KernelRequest {
  const info = nested(
    IFLA_LINKINFO,
    attribute(IFLA_INFO_KIND, text("macvlan")),
    nested(IFLA_INFO_DATA, attribute(IFLA_MACVLAN_MODE, u32(link.mode))),
  );
  const place = [
    attribute(IFLA_LINK, u32(link.parent)),
    attribute(IFLA_NET_NS_FD, u32(link.netnsFd)),
  ];
  const own = identity(link.name, link.macAddress, link.mtu);
  return {
    step: `create interface ${link.name}`,
    datagram: create(linkHeader(), ...own, ...place, info),
  };
}

export function setLink(name: string, change: LinkChange): KernelRequest {
  const parts = [attribute(IFLA_IFNAME, text(name))];
  if (change.macAddress) parts.push(attribute(IFLA_ADDRESS, macBytes(change.macAddress)));
  if (change.mtu) parts.push(attribute(IFLA_MTU, u32(change.mtu)));
  if (change.alias !== undefined) parts.push(attribute(IFLA_IFALIAS, Buffer.from(change.alias)));
  if (change.port) {
    const data = [
      attribute(IFLA_BRPORT_MODE, u8(Number(change.port.hairpin))),
      attribute(IFLA_BRPORT_ISOLATED, u8(Number(change.port.isolated))),
    ];
    const kind = attribute(IFLA_INFO_SLAVE_KIND, text("bridge"));
    parts.push(nested(IFLA_LINKINFO, kind, nested(IFLA_INFO_SLAVE_DATA, ...data)));
  }
  const header = linkHeader(change.up);
  return {
    step: `set up interface ${name}`,
    datagram: message(RTM_NEWLINK, FLAG.ack, header, ...parts),
  };
}

/** Deletes an interface; a missing one is fine. */
export function deleteLink(name: string): KernelRequest {
  return {
    step: `delete interface ${name}`,
    datagram: message(RTM_DELLINK, FLAG.ack, linkHeader(), attribute(IFLA_IFNAME, text(name))),
    allow: [ENODEV],
  };
}

export function listLinks(): KernelRequest {
  return { step: "list interfaces", datagram: message(RTM_GETLINK, FLAG.dump, linkHeader()) };
}

/** Asks for one interface by name; a missing one gives no answer. */
export function getLink(name: string): KernelRequest {
  return {
    step: `look up interface ${name}`,
    datagram: message(RTM_GETLINK, FLAG.ack, linkHeader(), attribute(IFLA_IFNAME, text(name))),
    allow: [ENODEV],
  };
}

export function readLinks(reply: Buffer): Link[] {
  return readMessages(reply, HEADER_BYTES).map(({ payload }) => {
    const attributes = readAttributes(payload.subarray(HEADER_BYTES));
    const info = readAttributes(attributes.get(IFLA_LINKINFO) ?? Buffer.alloc(0));
    return {
      index: payload.readInt32LE(4),
      name: readText(attributes.get(IFLA_IFNAME)),
      kind: readText(info.get(IFLA_INFO_KIND)),
      master: readU32(attributes.get(IFLA_MASTER)),
      alias: readText(attributes.get(IFLA_IFALIAS)),
      macAddress: attributes.get(IFLA_ADDRESS)?.toString("hex").match(/../g)?.join(":") ?? "",
      mtu: readU32(attributes.get(IFLA_MTU)),
      up: (payload.readUInt32LE(8) & IFF_UP) !== 0,
    };
  });
}

function create(header: Buffer, ...parts: Buffer[]): Buffer {
  return message(RTM_NEWLINK, FLAG.ack | FLAG.create | FLAG.excl, header, ...parts);
}

function identity(name: string, macAddress: string, mtu: number): Buffer[] {
  return [
    attribute(IFLA_IFNAME, text(name)),
    attribute(IFLA_ADDRESS, macBytes(macAddress)),
    attribute(IFLA_MTU, u32(mtu)),
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
