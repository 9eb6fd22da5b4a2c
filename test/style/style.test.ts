import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { conditionalAwaits } from "./awaits.ts";
import { longFunctions } from "./functions.ts";
import { cycles, dependencies, folderCycles, forbiddenImports, unusedFiles } from "./imports.ts";

const TEXT = /\.(ts|mjs|cc|hh|sh)$/;
const LIMITS = { line: 100, function: 60, file: 400 };
const UNFINISHED = /\b(TODO|FIXME|XXX|not implemented|not yet implemented)\b/i;
const FILESYSTEM = /std::filesystem::(?!path\b)[a-z_]+\((?!.*\b(problem|error)\b)/;
const LOWER_CONSTANT = /\bconstexpr [^=({;]*\b(?![A-Z][A-Z0-9_]*\b)\w+ ?[=[{]/;
const EXPORTED = /^export (?:async )?(?:class|function|const) (\w+)/gm;
const PRODUCT = /^(agent|resources|providers)\//;
/** What users import, and tables of a protocol's messages, which a test walks. */
const PUBLIC = /\/(sdk|cdk)\/|\/messages\.ts$/;
const VAGUE_NAME = /(^|\/)[^/]*(utils?|helpers?|manager|impl|common|misc)\.[a-z]+$/i;

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((file) => TEXT.test(file));
const sources = files.filter((file) => file.endsWith(".ts"));
const read = (file: string) => readFileSync(file, "utf8");

describe("the house style", () => {
  test(`no line is longer than ${LIMITS.line} characters`, () => {
    const found = files.flatMap((file) =>
      read(file)
        .split("\n")
        .flatMap((line, at) => (line.length > LIMITS.line ? [`${file}:${at + 1}`] : [])),
    );
    expect(found).toEqual([]);
  });

  test(`no file is longer than ${LIMITS.file} lines`, () => {
    // What is generated is as long as what it is made from.
    const found = files
      .filter((file) => !read(file).startsWith("// Generated "))
      .map((file) => ({ file, lines: read(file).split("\n").length - 1 }))
      .filter(({ lines }) => lines > LIMITS.file)
      .map(({ file, lines }) => `${file}: ${lines}`);
    expect(found).toEqual([]);
  });

  test(`no C++ function is longer than ${LIMITS.function} lines`, () => {
    const native = files.filter((file) => /\.(cc|hh)$/.test(file));
    expect(native.flatMap((file) => longFunctions(file, read(file), LIMITS.function))).toEqual([]);
  });

  test("every product file begins by saying what it owns", () => {
    const product = files.filter((file) => !file.startsWith("test/"));
    const silent = product.filter((file) => !/^(#!.*\n)?\s*(\/\/|\/\*|#)/.test(read(file)));
    expect(silent).toEqual([]);
  });

  test("no value is exported that nothing else uses", () => {
    const code = files.filter((file) => /\.(ts|mjs)$/.test(file));
    const words = new Map(code.map((file) => [file, new Set(read(file).match(/\w+/g))]));
    const product = sources.filter((file) => PRODUCT.test(file) && !PUBLIC.test(file));
    const found = product.flatMap((file) =>
      [...read(file).matchAll(EXPORTED)].flatMap(([, name]) => {
        const used = code.some((other) => other !== file && words.get(other)!.has(name!));
        return used ? [] : [`${file}: ${name}`];
      }),
    );
    expect(found).toEqual([]);
  });

  test("nothing is marked unfinished, and no file has a name that says nothing", () => {
    const marked = files.filter(
      (file) => !file.startsWith("test/style/") && UNFINISHED.test(read(file)),
    );
    expect(marked).toEqual([]);
    expect(files.filter((file) => VAGUE_NAME.test(file))).toEqual([]);
  });
});

/** What the native sources leave alone, where it may stand all the same, and why. */
const NATIVE: [what: string, pattern: RegExp, but: RegExp, why: string][] = [
  [
    "close(2)",
    /(?<![\w.>:]|void )(::)?close\((?!\))/,
    /base\/fd\.hh|inside\/descriptors\.cc/,
    "Fd keeps errno",
  ],
  // Compiled without exceptions: these end the process where another would answer.
  ["at()", /\.at\((?!\))/, /^$/, "find() has an answer for what is missing"],
  ["stoi()", /\bsto(i|l|ll|ul|ull|f|d|ld)\(/, /^$/, "from_chars() says what is no number"],
  ["value()", /(?<!problem|error)\.value\(\)/, /^$/, "test, then use *"],
  ["get<>()", /\bstd::get</, /^$/, "get_if() answers null"],
  ["filesystem without error_code", FILESYSTEM, /^$/, "it throws"],
  ["constants in lower case", LOWER_CONSTANT, /^$/, "constants are UPPER_CASE"],
  ["kNames", /\bk[A-Z][a-z]/, /^$/, "constants are UPPER_CASE, enumerators lower_case"],
];

describe("the native sources", () => {
  const native = files.filter((file) => /^agent\/native\/src\/.*\.(cc|hh)$/.test(file));
  test.each(NATIVE)("have no %s", (_what, pattern, but, why) => {
    const found = native
      .filter((file) => !but.test(file))
      .flatMap((file) =>
        read(file)
          .split("\n")
          .map((line) => line.replace(/\/\/.*/, ""))
          .flatMap((line, at) => (pattern.test(line) ? [`${file}:${at + 1}: ${why}`] : [])),
      );
    expect(found).toEqual([]);
  });
});

/** What GCC 12 compiles to something else, and what it does not. */
const AWAITS: [code: string, bad: number][] = [
  ["if (co_await a()) b();", 1],
  ["while (x && !co_await a(c(d))) {}", 1],
  ["if (const int i = 1; co_await z(i)) q();", 1],
  ["const bool b = co_await a() < 0;", 1],
  ["const auto b = c ? co_await a() : d;", 1],
  ["x = y || co_await z;", 1],
  ["co_await loop(a) && b;", 1],
  ["if (const auto s = co_await a(); !s) co_return;", 0],
  ["(void)co_await a();", 0],
  ["co_return co_await a(b(), c);", 0],
  ["int x = co_await a.b(c, d); if (x < 0) y();", 0],
  ["if (ok) done = co_await z();", 0],
];

describe("the awaits of the native sources", () => {
  test("stand in no condition and beside no operator", () => {
    const native = files.filter((file) => /^agent\/native\/.*\.(cc|hh)$/.test(file));
    const found = native.flatMap((file) =>
      conditionalAwaits(read(file)).map((line) => `${file}:${line}: give it a name first`),
    );
    expect(found).toEqual([]);
  });

  test.each(AWAITS)("are judged: %s", (code, bad) => {
    expect(conditionalAwaits(code)).toHaveLength(bad);
  });
});

describe("the imports", () => {
  const graph = dependencies(sources, read);

  test("go one way, as ARCHITECTURE.md draws them", () => {
    expect(forbiddenImports(graph)).toEqual([]);
  });

  test("have no cycles", () => {
    expect(cycles(graph)).toEqual([]);
  });

  test("join no folders in a circle", () => {
    expect(folderCycles(graph)).toEqual([]);
  });

  test("reach every file", () => {
    expect(unusedFiles(graph)).toEqual([]);
  });
});
