// The scenarios about files, on every storage driver of the registry.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { STORAGE_DRIVERS } from "../../agent/storage/drivers/registry.ts";
import { mountBtrfs } from "../agent/storage/btrfs-mount.ts";
import { archiveCases } from "./cases/archive.ts";
import { driverCases } from "./cases/drivers.ts";
import { storageCases } from "./cases/storage.ts";
import { agentMissing, startAgent } from "./engines.ts";
import { conform } from "./suite.ts";

const folder = mkdtempSync(join(tmpdir(), "fls-"));
const target = join(folder, "btrfs");
const without = agentMissing() ?? (await mountBtrfs(join(folder, "image"), target));

afterAll(() => {
  if (without === "") execFileSync("umount", [target]);
  rmSync(folder, { recursive: true });
});

for (const { name } of STORAGE_DRIVERS) {
  describe(`storage driver ${name}`, () => {
    // The one file system on which all of them work.
    const wish = { storage: name, ...(without === "" ? { root: join(target, name) } : {}) };
    const missing = agentMissing() ?? (name === "btrfs" && without !== "" ? without : undefined);
    const cases = { archive: archiveCases, scenarios: driverCases, storage: storageCases(name) };
    conform({ name: "fairlead", missing, start: () => startAgent(wish), cases });
  });
}
