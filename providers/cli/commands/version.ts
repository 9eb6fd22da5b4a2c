// fairlead version: which version this is.
import type { CommandDefinition } from "../session/definition.ts";
import { VERSION } from "../session/version.ts";

export const version: CommandDefinition = {
  name: "version",
  summary: "Print the version.",
  options: [["--short", "only the number"]],
  example: "fairlead version --json",
  needs: "files",
  async run({ screen }, _args, flags) {
    const { arch, platform, versions } = process;
    if (screen.json) screen.value({ version: VERSION, node: versions.node, platform, arch });
    else screen.line(flags.short === true ? VERSION : `fairlead ${VERSION}`);
  },
};
