// What the pages for people promise is true: links lead somewhere, and quoted errors are ours.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
}).split("\n");
const pages = files.filter((file) => file.endsWith(".md") && !file.startsWith("docs/pulumi/api"));

/** What of a page a link may name: headings as GitHub makes anchors of them, and anchors. */
function anchorsOf(page: string): Set<string> {
  const text = readFileSync(page, "utf8");
  const headings = text.matchAll(/^#+ (.+)$/gm);
  const named = text.matchAll(/<a id="([^"]+)"/g);
  const anchor = (heading: string) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-");
  return new Set([
    ...[...headings].map(([, heading]) => anchor(heading!)),
    ...[...named].map(([, name]) => name!),
  ]);
}

describe("the pages", () => {
  test("link only to files and headings that are there", () => {
    const dead = pages.flatMap((page) => {
      const links = readFileSync(page, "utf8").matchAll(/\]\(([^)\s]+)\)/g);
      return [...links].flatMap(([, link]) => {
        if (/^[a-z]+:/.test(link!)) return [];
        const [path = "", anchor] = link!.split("#");
        const target = path === "" ? page : normalize(join(dirname(page), path));
        const there = existsSync(target) && (anchor === undefined || anchorsOf(target).has(anchor));
        return there ? [] : [`${page}: ${link}`];
      });
    });
    expect(dead).toEqual([]);
  });

  test("are all reachable from the README", () => {
    const reached = new Set<string>();
    const visit = (page: string): void => {
      if (reached.has(page) || !page.endsWith(".md") || !existsSync(page)) return;
      reached.add(page);
      const links = readFileSync(page, "utf8").matchAll(/\]\(([^):#\s]+)/g);
      for (const [, link] of links) {
        const target = normalize(join(dirname(page), link!));
        visit(target);
        // A link to a folder shows the pages in it.
        for (const file of pages) if (file.startsWith(`${target}/`)) visit(file);
      }
    };
    visit("README.md");
    expect(pages.filter((page) => !reached.has(page) && !page.startsWith("test/"))).toEqual([]);
  });

  test("quote errors in the words in which the sources say them", () => {
    const sources = files
      .filter((file) => /^(providers|resources|agent)\/.*\.ts$/.test(file))
      .map((file) => readFileSync(file, "utf8"))
      .join("\n");
    const rows = readFileSync("docs/troubleshooting.md", "utf8").matchAll(/^\| `([^`]+)` +\|/gm);
    const phrases = [...rows].flatMap(([, message]) => message!.split("…"));
    const unknown = phrases.map((part) => part.trim()).filter((part) => !sources.includes(part));
    expect(phrases.length).toBeGreaterThan(15);
    expect(unknown).toEqual([]);
  });
});
