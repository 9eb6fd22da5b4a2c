// DNS packets for tests: queries, answers of a test server, and reading of answers.

export interface Answer {
  id: number;
  flags: number;
  code: number;
  truncated: boolean;
  records: { type: number; data: Buffer }[];
}

export const TYPE = { A: 1, PTR: 12, TXT: 16, AAAA: 28 };

export function encodeName(name: string): Buffer {
  const labels = name.split(".").map((label) => {
    const bytes = Buffer.from(label, "latin1");
    return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  });
  return Buffer.concat([...labels, Buffer.from([0])]);
}

/** A query with recursion desired; `udpBytes` adds an OPT record. */
export function encodeQuery(name: string, type: number, udpBytes = 0, id = 0x1234): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x0100, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(udpBytes > 0 ? 1 : 0, 10);
  const question = Buffer.concat([encodeName(name), Buffer.from([0, type, 0, 1])]);
  const option = Buffer.from([0, 0, 41, udpBytes >> 8, udpBytes & 255, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([header, question, ...(udpBytes > 0 ? [option] : [])]);
}

/** The answer of a test server to a query without options: its records, or an error code. */
export function encodeAnswer(query: Buffer, records: Buffer[], code = 0, type = TYPE.A): Buffer {
  const out = Buffer.concat([
    query,
    ...records.map((data) => {
      const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, data.length]);
      return Buffer.concat([head, data]);
    }),
  ]);
  out.writeUInt16BE(0x8180 | code, 2);
  out.writeUInt16BE(records.length, 6);
  return out;
}

export function decodeAnswer(packet: Buffer): Answer {
  const flags = packet.readUInt16BE(2);
  let at = 12;
  if (packet.readUInt16BE(4) === 1) {
    while (packet[at] !== 0) at += packet[at]! + 1;
    at += 5;
  }
  const records = [];
  for (let i = 0; i < packet.readUInt16BE(6); i++) {
    const type = packet.readUInt16BE(at + 2);
    const length = packet.readUInt16BE(at + 10);
    records.push({ type, data: packet.subarray(at + 12, at + 12 + length) });
    at += 12 + length;
  }
  const truncated = (flags & 0x0200) !== 0;
  return { id: packet.readUInt16BE(0), flags, code: flags & 15, truncated, records };
}
