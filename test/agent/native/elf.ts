// What an ELF file of ours says about itself (elf(5)): its kind, its segments, its dynamic table.
import { readFileSync } from "node:fs";

const PT = { dynamic: 2, interp: 3, stack: 0x6474e551, relro: 0x6474e552 };
const DT = {
  needed: 1,
  strtab: 5,
  rpath: 15,
  runpath: 29,
  flags: 30,
  textrel: 22,
  flags1: 0x6ffffffb,
};

export interface Elf {
  /** 62 is x86-64, 183 is arm64. */
  machine: number;
  /** Position independent. */
  isPie: boolean;
  interpreter: boolean;
  /** No part of memory is both writable and executable, the stack neither. */
  writableCode: boolean;
  /** Relocations are read-only once the file is loaded. */
  relro: boolean;
  bindsNow: boolean;
  textRelocations: boolean;
  searchPath: boolean;
  needed: string[];
  /** Whether text occurs anywhere in the file. */
  has(text: string): boolean;
}

interface Segment {
  type: number;
  flags: number;
  offset: number;
  address: number;
  size: number;
}

export function readElf(path: string): Elf {
  const bytes = readFileSync(path);
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2) throw new Error(`${path}: not ELF64`);
  const at = Number(bytes.readBigUInt64LE(32));
  const segments: Segment[] = [];
  for (let index = 0; index < bytes.readUInt16LE(56); index++) {
    const header = at + index * 56;
    const long = (offset: number) => Number(bytes.readBigUInt64LE(header + offset));
    segments.push({
      type: bytes.readUInt32LE(header),
      flags: bytes.readUInt32LE(header + 4),
      offset: long(8),
      address: long(16),
      size: long(32),
    });
  }
  const dynamic = readDynamic(bytes, segments);
  const flag = (tag: number, bit: number) =>
    dynamic.some(([key, v]) => key === tag && (v & bit) > 0);
  const tagged = (...tags: number[]) => dynamic.some(([key]) => tags.includes(key));
  const has = (type: number) => segments.some((segment) => segment.type === type);
  const stack = segments.find(({ type }) => type === PT.stack);
  return {
    machine: bytes.readUInt16LE(18),
    isPie: bytes.readUInt16LE(16) === 3,
    interpreter: has(PT.interp),
    writableCode: stack === undefined || segments.some(({ flags }) => (flags & 3) === 3),
    relro: has(PT.relro),
    bindsNow: flag(DT.flags, 8) || flag(DT.flags1, 1),
    textRelocations: tagged(DT.textrel) || flag(DT.flags, 4),
    searchPath: tagged(DT.rpath, DT.runpath),
    needed: neededBy(bytes, segments, dynamic),
    has: (text) => bytes.includes(text, 0, "latin1"),
  };
}

function readDynamic(bytes: Buffer, segments: Segment[]): [number, number][] {
  const found: [number, number][] = [];
  const segment = segments.find(({ type }) => type === PT.dynamic);
  if (segment === undefined) return found;
  for (let at = segment.offset; at < segment.offset + segment.size; at += 16) {
    const tag = Number(bytes.readBigUInt64LE(at));
    if (tag === 0) break;
    found.push([tag, Number(bytes.readBigUInt64LE(at + 8))]);
  }
  return found;
}

function neededBy(bytes: Buffer, segments: Segment[], dynamic: [number, number][]): string[] {
  const table = dynamic.find(([tag]) => tag === DT.strtab)?.[1] ?? 0;
  const holder = segments.find(
    ({ type, address, size }) => type === 1 && table >= address && table < address + size,
  );
  if (holder === undefined) return [];
  const strings = table - holder.address + holder.offset;
  return dynamic
    .filter(([tag]) => tag === DT.needed)
    .map(([, offset]) => {
      const start = strings + offset;
      return bytes.toString("latin1", start, bytes.indexOf(0, start));
    });
}
