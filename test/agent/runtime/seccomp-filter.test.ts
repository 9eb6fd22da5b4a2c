// Docker's default profile as we compile it, asked for its answer to every system call there is.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { defaultSeccomp } from "../../../agent/runtime/seccomp.ts";
import { Bench, missing } from "../native/bundle.ts";
import { answer } from "./bpf.ts";
import { BY_CAPABILITY, CONDITIONAL, OF_X86, REFUSED } from "./seccomp-refused.ts";

const HEADERS = "/usr/include/x86_64-linux-gnu/asm";
const skip =
  missing ??
  (process.arch !== "x64" ? "the tables of numbers are those of x86-64" : undefined) ??
  (existsSync(`${HEADERS}/unistd_64.h`) ? undefined : "linux-libc-dev is not installed");

const ALLOWED = 0x7fff0000;
const [EPERM, ENOSYS] = [0x50001, 0x50026];
const [X86_64, I386, AARCH64] = [0xc000003e, 0x40000003, 0xc00000b7];

/** Newer than the headers of Debian 12, at the same number on every processor. */
const NEWER: Record<string, number> = {
  cachestat: 451,
  fchmodat2: 452,
  map_shadow_stack: 453,
  futex_wake: 454,
  futex_wait: 455,
  futex_requeue: 456,
  statmount: 457,
  listmount: 458,
  lsm_get_self_attr: 459,
  lsm_set_self_attr: 460,
  lsm_list_modules: 461,
  mseal: 462,
  setxattrat: 463,
  getxattrat: 464,
  listxattrat: 465,
  removexattrat: 466,
};

describe.skipIf(skip)(`the default filter (skipped: ${skip ?? "no"})`, () => {
  const bench = skip ? undefined : new Bench();
  afterAll(() => bench?.close());

  const { id, folder } = bench?.bundle() ?? { id: "", folder: "" };
  const config = bench ? JSON.parse(readFileSync(join(folder, "config.json"), "utf8")) : {};

  /** The filter that the kernel would get, from the cache that the runtime keeps. */
  function compiled(architecture: string, capabilities: string[]): Buffer {
    const cache = join(bench!.folder, "run/seccomp");
    rmSync(cache, { recursive: true, force: true });
    config.linux.seccomp = defaultSeccomp({ architecture, capabilities, kernel: "6.1.0" });
    writeFileSync(join(folder, "config.json"), JSON.stringify(config));
    // Under the filter of another processor the program fails, after the filter is stored.
    bench!.call(["run", "-b", folder, id]);
    const stored = readFileSync(join(cache, readdirSync(cache)[0]!));
    const instructions = stored.readUInt32LE(12);
    return stored.subarray(stored.length - instructions * 8);
  }

  const machines: [string, string, number, () => Record<string, number>][] = [
    ["x86-64", "amd64", X86_64, () => ({ ...numbers(`${HEADERS}/unistd_64.h`), ...NEWER })],
    ["32-bit x86", "amd64", I386, () => numbers(`${HEADERS}/unistd_32.h`)],
    ["x32", "amd64", X86_64, () => numbers(`${HEADERS}/unistd_x32.h`)],
    ["arm64", "arm64", AARCH64, () => generic("/usr/include/asm-generic/unistd.h")],
  ];
  const gates = Object.keys(BY_CAPABILITY);
  const sets = [[], gates, ...gates.map((gate) => [gate])];

  for (const [machine, architecture, arch, table] of machines) {
    test(`answers every call of ${machine} as the list has it`, () => {
      const calls = Object.entries(table());
      expect(calls.length).toBeGreaterThan(290);
      const wrong: string[] = [];
      // The rules are the same everywhere; one processor suffices to try each capability alone.
      for (const capabilities of machine === "x86-64" ? sets : sets.slice(0, 2)) {
        const filter = compiled(architecture, capabilities);
        for (const [name, number] of calls) {
          const wanted = expected(name, machine, capabilities);
          const got = answer(filter, { arch, number });
          if (wanted !== undefined && got !== wanted) {
            wrong.push(`${name} with [${capabilities}]: ${got.toString(16)}`);
          }
        }
      }
      expect(wrong).toEqual([]);
    });
  }

  const ask = (filter: Buffer, number: number, ...args: number[]) =>
    answer(filter, { arch: X86_64, number, args });

  test("lets a plain container make threads and sockets, but no namespaces", () => {
    const [plain, admin] = [compiled("amd64", []), compiled("amd64", ["CAP_SYS_ADMIN"])];
    const [socket, clone, personality, clone3] = [41, 56, 135, 435];
    for (const family of [1, 2, 10, 16, 17, 39, 41]) {
      expect(ask(plain, socket, family)).toBe(ALLOWED);
    }
    for (const family of [38, 40]) expect(ask(plain, socket, family)).toBe(EPERM);
    expect(ask(plain, clone, 0x3d0f00)).toBe(ALLOWED); // what pthread_create asks for
    for (let bit = 0x02000000; bit <= 0x40000000; bit *= 2) {
      if ((0x7e020000 & bit) === 0) continue;
      expect(ask(plain, clone, 0x11 + bit)).toBe(EPERM);
      expect(ask(admin, clone, 0x11 + bit)).toBe(ALLOWED);
    }
    expect(ask(plain, clone, 0x20011)).toBe(EPERM); // CLONE_NEWNS
    expect(ask(plain, clone3)).toBe(ENOSYS);
    expect(ask(admin, clone3)).toBe(ALLOWED);
    for (const value of [0, 8, 0x20000, 0x20008, 0xffffffff]) {
      expect(ask(plain, personality, value)).toBe(ALLOWED);
    }
    expect(ask(plain, personality, 0x40000)).toBe(EPERM); // ADDR_NO_RANDOMIZE
  });

  test("says of calls that are not known yet that there are none", () => {
    const plain = compiled("amd64", []);
    for (const number of [467, 480, 1000]) expect(ask(plain, number)).toBe(ENOSYS);
    expect(answer(plain, { arch: AARCH64, number: 64 })).not.toBe(ALLOWED);
  });
});

function expected(name: string, machine: string, capabilities: string[]): number | undefined {
  if (CONDITIONAL.includes(name)) return undefined;
  if (REFUSED.includes(name)) return EPERM;
  const gates = Object.keys(BY_CAPABILITY).filter((gate) =>
    BY_CAPABILITY[gate]!.split(" ").includes(name),
  );
  if (gates.length > 0) return gates.some((gate) => capabilities.includes(gate)) ? ALLOWED : EPERM;
  if (OF_X86.includes(name)) return machine === "arm64" ? EPERM : ALLOWED;
  return ALLOWED;
}

/** Names and numbers of a header of x86. */
function numbers(header: string): Record<string, number> {
  const line = /^#define __NR_(\w+)\s+(\(__X32_SYSCALL_BIT \+ )?(\d+)/gm;
  const found = [...readFileSync(header, "utf8").matchAll(line)];
  return Object.fromEntries(
    found.map(([, name, x32, number]) => [name, Number(number) + (x32 ? 0x40000000 : 0)]),
  );
}

/** The table that arm64 shares with newer processors, without what is for 32 bits only. */
function generic(header: string): Record<string, number> {
  const found = [...readFileSync(header, "utf8").matchAll(/^#define __NR(3264)?_(\w+)\s+(\d+)/gm)];
  const calls = found
    .map(([, , name, number]) => [name!, Number(number)] as const)
    .filter(([name, number]) => !/^(arch_specific_syscall|syscalls)$/.test(name) && !of32(number))
    .map(([name, number]) => [name === "fstatat" ? "newfstatat" : name, number] as const);
  return Object.fromEntries(calls);
}

/** Calls with 64-bit times for 32-bit processors. */
function of32(number: number): boolean {
  return number >= 403 && number <= 423;
}
