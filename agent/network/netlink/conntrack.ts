// Connection tracking entries (linux/netfilter/nfnetlink_conntrack.h): finding and deleting the
// UDP ones of a published port, which would otherwise keep leading old senders astray.
import { type Address, addressBytes } from "../model/ip.ts";
import {
  attribute,
  FLAG,
  type KernelRequest,
  message,
  readAttributes,
  readBig,
  readMessages,
} from "./message.ts";
import {
  AF_INET,
  AF_INET6,
  CTA_IP_V4_SRC,
  CTA_IP_V6_SRC,
  CTA_PROTO_DST_PORT,
  CTA_PROTO_NUM,
  CTA_TUPLE_IP,
  CTA_TUPLE_ORIG,
  CTA_TUPLE_PROTO,
  CTA_TUPLE_REPLY,
  ENOENT,
  IPCTNL_MSG_CT_DELETE,
  IPCTNL_MSG_CT_GET,
  IPPROTO_UDP,
  NFNL_SUBSYS_CTNETLINK,
  NLA_F_NESTED,
} from "./numbers.ts";

const SUBSYSTEM = NFNL_SUBSYS_CTNETLINK << 8;

/** A published UDP port whose entries are to go. */
export interface StalePort {
  hostPort: number;
  target: Address;
}

export function listConnections(family: 4 | 6): KernelRequest {
  const datagram = message(SUBSYSTEM | IPCTNL_MSG_CT_GET, FLAG.dump, header(family));
  return { step: "list tracked connections", datagram };
}

/** Requests to delete the entries, among those in an answer, that belong to a port. */
export function deleteStale(reply: Buffer, family: 4 | 6, ports: StalePort[]): KernelRequest[] {
  const requests: KernelRequest[] = [];
  for (const { payload } of readMessages(reply, 4)) {
    const attributes = readAttributes(payload.subarray(4));
    const original = attributes.get(CTA_TUPLE_ORIG);
    const answer = attributes.get(CTA_TUPLE_REPLY);
    if (!original || !answer || !ports.some((port) => belongs(original, answer, port))) continue;
    const tuple = attribute(CTA_TUPLE_ORIG | NLA_F_NESTED, original);
    const datagram = message(SUBSYSTEM | IPCTNL_MSG_CT_DELETE, FLAG.ack, header(family), tuple);
    requests.push({ step: "forget a tracked connection", datagram, allow: [ENOENT] });
  }
  return requests;
}

/** Sent to the host's port, or answered by the container. */
function belongs(original: Buffer, answer: Buffer, { hostPort, target }: StalePort): boolean {
  const protocol = readAttributes(readAttributes(original).get(CTA_TUPLE_PROTO) ?? Buffer.alloc(0));
  if (readBig(protocol.get(CTA_PROTO_NUM), 1) !== IPPROTO_UDP) return false;
  if (readBig(protocol.get(CTA_PROTO_DST_PORT), 2) === hostPort) return true;
  const addresses = readAttributes(readAttributes(answer).get(CTA_TUPLE_IP) ?? Buffer.alloc(0));
  const source = addresses.get(target.family === 4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC);
  return source?.equals(addressBytes(target)) ?? false;
}

function header(family: 4 | 6): Buffer {
  return Buffer.from([family === 4 ? AF_INET : AF_INET6, 0, 0, 0]);
}
