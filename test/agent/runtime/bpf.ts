// What a compiled seccomp filter answers to a system call: the instructions of classic BPF that
// filters consist of (linux/filter.h), run over a seccomp_data as the kernel does.

export interface SystemCall {
  /** AUDIT_ARCH_* of linux/audit.h. */
  readonly arch: number;
  readonly number: number;
  readonly args?: readonly number[];
}

/** The action and its data, as seccomp(2) has them: 0x7fff0000 allows, 0x0005NNNN is an errno. */
export function answer(filter: Buffer, call: SystemCall): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(call.number, 0);
  data.writeUInt32LE(call.arch, 4);
  for (const [index, value] of (call.args ?? []).entries()) {
    data.writeBigUInt64LE(BigInt(value), 16 + 8 * index);
  }
  let accumulator = 0;
  for (let at = 0; at < filter.length / 8; at++) {
    const code = filter.readUInt16LE(at * 8);
    const [yes, no] = [filter[at * 8 + 2]!, filter[at * 8 + 3]!];
    const value = filter.readUInt32LE(at * 8 + 4);
    const test = CONDITIONS[code];
    if (code === 0x20) accumulator = data.readUInt32LE(value);
    else if (code === 0x54) accumulator = (accumulator & value) >>> 0;
    else if (code === 0x05) at += value;
    else if (code === 0x06) return value;
    else if (test !== undefined) at += test(accumulator, value) ? yes : no;
    else throw new Error(`instruction ${at} has the unknown code 0x${code.toString(16)}`);
  }
  throw new Error("the filter does not end");
}

const CONDITIONS: Record<number, (a: number, k: number) => boolean> = {
  21: (a, k) => a === k, // BPF_JEQ
  37: (a, k) => a > k, // BPF_JGT
  53: (a, k) => a >= k, // BPF_JGE
  69: (a, k) => (a & k) !== 0, // BPF_JSET
};
