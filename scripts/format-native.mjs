// Compares the C++ sources with agent/native/.clang-format, or with --write brings them into it.
// The formatter is clang-format compiled to WebAssembly: one fixed version, since each version
// breaks lines its own way, and no compiler's packages on the machine.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { format } from "@wasm-fmt/clang-format";

const style = readFileSync("agent/native/.clang-format", "utf8");
const listed = ["ls-files", "--cached", "--others", "--exclude-standard", "agent/native"];
const wrong = execFileSync("git", listed, { encoding: "utf8" })
  .split("\n")
  .filter((file) => /\.(cc|hh)$/.test(file))
  .filter((file) => {
    const text = readFileSync(file, "utf8");
    const formatted = format(text, file, style);
    if (formatted !== text && process.argv.includes("--write")) writeFileSync(file, formatted);
    return formatted !== text;
  });
if (wrong.length > 0 && !process.argv.includes("--write")) {
  console.error(`npm run format changes these:\n  ${wrong.join("\n  ")}`);
  process.exitCode = 1;
}
