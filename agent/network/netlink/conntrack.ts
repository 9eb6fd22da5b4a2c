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

const SUBSYSTEM = 1 << 8;
const CT = { get: 1, delete: 2 };
const CTA = { original: 1, reply: 2 };
const TUPLE = { ip: 1, protocol: 2 };
const IP = { source4: 1, source6: 3 };
const PROTO = { number: 1, destinationPort: 3 };
const UDP = 17;
const NESTED = 0x8000;
const ENOENT = 2;

/** A published UDP port whose entries are to go. */
export interface StalePort {
  hostPort: number;
  target: Address;
}

export function listConnections(family: 4 | 6): KernelRequest {
  const datagram = message(SUBSYSTEM | CT.get, FLAG.dump, header(family));
  return { step: "list tracked connections", datagram };
}

/** Requests to delete the entries, among those in an answer, that belong to a port. */
export function deleteStale(reply: Buffer, family: 4 | 6, ports: StalePort[]): KernelRequest[] {
  const requests: KernelRequest[] = [];
  for (const { payload } of readMessages(reply, 4)) {
    const attributes = readAttributes(payload.subarray(4));
    const original = attributes.get(CTA.original);
    const answer = attributes.get(CTA.reply);
    if (!original || !answer || !ports.some((port) => belongs(original, answer, port))) continue;
    const tuple = attribute(CTA.original | NESTED, original);
    const datagram = message(SUBSYSTEM | CT.delete, FLAG.ack, header(family), tuple);
    requests.push({ step: "forget a tracked connection", datagram, allow: [ENOENT] });
  }
  return requests;
}

/** Sent to the host's port, or answered by the container. */
function belongs(original: Buffer, answer: Buffer, { hostPort, target }: StalePort): boolean {
  const protocol = readAttributes(readAttributes(original).get(TUPLE.protocol) ?? Buffer.alloc(0));
  if (readBig(protocol.get(PROTO.number), 1) !== UDP) return false;
  if (readBig(protocol.get(PROTO.destinationPort), 2) === hostPort) return true;
  const addresses = readAttributes(readAttributes(answer).get(TUPLE.ip) ?? Buffer.alloc(0));
  const source = addresses.get(target.family === 4 ? IP.source4 : IP.source6);
  return source?.equals(addressBytes(target)) ?? false;
}

function header(family: 4 | 6): Buffer {
  return Buffer.from([family === 4 ? 2 : 10, 0, 0, 0]);
}
