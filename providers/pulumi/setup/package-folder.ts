// Where the files of the plugin are in this installation.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { FairleadError } from "../../../resources/model/errors.ts";

/** The folder of the built package: that of the command, or `dist` of the sources. */
export function packageFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  // The command is built in chunks, a folder deeper.
  const candidates = [here, join(here, ".."), join(here, "../../../dist")];
  const found = candidates.find((folder) => existsSync(join(folder, "pulumi-provider.mjs")));
  if (found) return found;
  throw new FairleadError("internal", "the Pulumi plugin is missing from this installation", {
    hint: "install fairlead again, or in its sources: npm run build",
  });
}
