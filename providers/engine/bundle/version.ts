// Compares versions of fairlead (semver.org, without build metadata).

/** Whether `a` is a newer release than `b`; a pre-release is older than its release. */
export function isNewer(a: string, b: string): boolean {
  const left = parse(a);
  const right = parse(b);
  for (let index = 0; index < 3; index++) {
    const difference = (left.numbers[index] ?? 0) - (right.numbers[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  if (left.pre === "" || right.pre === "") return left.pre === "" && right.pre !== "";
  return left.pre > right.pre;
}

function parse(version: string): { numbers: number[]; pre: string } {
  const [, core = "0", pre = ""] = /^v?(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?/.exec(version) ?? [];
  return { numbers: core.split(".").map(Number), pre };
}
