// The bytes of netlink messages and their attributes (netlink(7)); knows no message's meaning.
// Numbers are in the host's order, and every host that the agent runs on is little-endian.
import {
  NLA_F_NESTED,
  NLA_TYPE_MASK,
  NLM_F_ACK,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_EXCL,
  NLM_F_REQUEST,
  NLMSG_HDRLEN,
} from "./numbers.ts";

export const FLAG = {
  request: NLM_F_REQUEST,
  ack: NLM_F_ACK,
  excl: NLM_F_EXCL,
  create: NLM_F_CREATE,
  append: NLM_F_APPEND,
  dump: NLM_F_DUMP,
};

/** What to ask of the kernel, as a value: sent by Kernel, named in its failure. */
export interface KernelRequest {
  /** What it does, for an error: "create bridge fl-0123456789". */
  step: string;
  datagram: Buffer;
  /** Refusals that mean it is so already. */
  allow?: number[];
}

export interface Message {
  type: number;
  payload: Buffer;
}

export const u8 = (value: number) => Buffer.from([value]);
export const u16be = (value: number) => number(2, (bytes) => bytes.writeUInt16BE(value));
export const u32 = (value: number) => number(4, (bytes) => bytes.writeUInt32LE(value >>> 0));
export const u32be = (value: number) => number(4, (bytes) => bytes.writeUInt32BE(value >>> 0));
export const text = (value: string) => Buffer.from(`${value}\0`);

/** One attribute, padded to four bytes. */
export function attribute(type: number, payload: Buffer): Buffer {
  const size = 4 + payload.length;
  const bytes = Buffer.alloc(aligned(size));
  bytes.writeUInt16LE(size, 0);
  bytes.writeUInt16LE(type, 2);
  payload.copy(bytes, 4);
  return bytes;
}

/** An attribute made of attributes. */
export function nested(type: number, ...attributes: Buffer[]): Buffer {
  return attribute(type | NLA_F_NESTED, Buffer.concat(attributes));
}

/** A whole message: the netlink header, the family's own header, and attributes. */
export function message(type: number, flags: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const bytes = Buffer.alloc(aligned(NLMSG_HDRLEN + body.length));
  bytes.writeUInt32LE(NLMSG_HDRLEN + body.length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flags | FLAG.request, 6);
  body.copy(bytes, NLMSG_HDRLEN);
  return bytes;
}

/** The messages in an answer whose payload has at least the family's own header. */
export function readMessages(bytes: Buffer, headerBytes: number): Message[] {
  const found: Message[] = [];
  for (let at = 0; at + NLMSG_HDRLEN <= bytes.length; ) {
    const size = bytes.readUInt32LE(at);
    if (size < NLMSG_HDRLEN || at + size > bytes.length) break;
    const payload = bytes.subarray(at + NLMSG_HDRLEN, at + size);
    if (payload.length >= headerBytes) found.push({ type: bytes.readUInt16LE(at + 4), payload });
    at += aligned(size);
  }
  return found;
}

/** The attributes in a payload, by type. */
export function readAttributes(bytes: Buffer): Map<number, Buffer> {
  const found = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length; ) {
    const size = bytes.readUInt16LE(at);
    if (size < 4 || at + size > bytes.length) break;
    found.set(bytes.readUInt16LE(at + 2) & NLA_TYPE_MASK, bytes.subarray(at + 4, at + size));
    at += aligned(size);
  }
  return found;
}

/** The number of an attribute; 0 when there is none. */
export function readU32(bytes: Buffer | undefined): number {
  return bytes !== undefined && bytes.length >= 4 ? bytes.readUInt32LE() : 0;
}

/** The big-endian number of an attribute; undefined when it is missing or too short. */
export function readBig(bytes: Buffer | undefined, size: 1 | 2 | 4): number | undefined {
  return bytes !== undefined && bytes.length >= size ? bytes.readUIntBE(0, size) : undefined;
}

/** The text of an attribute, without its closing zero; empty when there is none. */
export function readText(bytes: Buffer | undefined): string {
  return bytes?.toString("utf8").replace(/\0.*$/s, "") ?? "";
}

function aligned(size: number): number {
  return (size + 3) & ~3;
}

function number(size: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(size);
  write(bytes);
  return bytes;
}
