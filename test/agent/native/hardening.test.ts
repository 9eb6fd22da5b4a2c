// The binaries that hosts get, read as ELF files: built with the usual hardening, and depending on
// nothing but what every host has. The arm64 ones are checked where they are built.
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readElf } from "./elf.ts";

const MACHINES = { x64: 62, arm64: 183 };
const builds: [keyof typeof MACHINES, string][] = [
  [process.arch as keyof typeof MACHINES, "agent/native/build"],
  ["arm64", "agent/native/build/arm64"],
];

for (const [arch, folder] of new Map(builds.map((one) => [one[1], one])).values()) {
  const skip = existsSync(`${folder}/fairlead.node`)
    ? undefined
    : folder.endsWith("arm64")
      ? "npm run build:all makes it"
      : "agent/native is not built";
  if (skip) console.log(`skipped: the ${arch} binaries: ${skip}`);

  describe.skipIf(skip)(`the ${arch} build (skipped: ${skip ?? "no"})`, () => {
    test.each(["fairlead-runtime", "fairlead.node"])("hardens %s", (name) => {
      const elf = readElf(`${folder}/${name}`);
      expect(elf).toMatchObject({
        machine: MACHINES[arch],
        isPie: true,
        interpreter: false,
        writableCode: false,
        relro: true,
        bindsNow: true,
        textRelocations: false,
        searchPath: false,
      });
      // No path of the build machine, which would also make builds differ.
      expect(elf.has(process.cwd())).toBe(false);
    });

    test("links the runtime statically, with checks of stack and buffers", () => {
      const elf = readElf(`${folder}/fairlead-runtime`);
      expect(elf.needed).toEqual([]);
      // What the C library says when a check fails is there only if a check calls it.
      expect(elf.has("stack smashing detected")).toBe(true);
      expect(elf.has("buffer overflow detected")).toBe(true);
      // std::vector and std::string check their indices (_GLIBCXX_ASSERTIONS).
      expect(elf.has("__n < this->size()")).toBe(true);
    });

    test("links the addon to the C library alone, with checks, and to Node by Node-API", () => {
      const elf = readElf(`${folder}/fairlead.node`);
      const others = elf.needed.filter((name) => !/^(libc|libm|ld-linux-\S+)\.so/.test(name));
      expect(others).toEqual([]);
      expect(elf.has("__stack_chk_fail")).toBe(true);
      expect(elf.has("napi_create_function")).toBe(true);
      // V8's own symbols would tie it to one version of Node.
      expect(elf.has("_ZN2v8")).toBe(false);
      expect(elf.has("_ZN4node")).toBe(false);
      // What Node itself needs of the C library, and nothing newer (src/addon/older-libc.cc).
      const newer = Array.from({ length: 72 }, (_, at) => `GLIBC_2.${at + 29}\0`);
      expect(newer.filter((version) => elf.has(version))).toEqual([]);
    });
  });
}
