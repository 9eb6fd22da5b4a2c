// fairlead config: the resolved model, as docker compose config prints it.
import { type CommandDefinition, wordsOf } from "../session/definition.ts";

export const config: CommandDefinition = {
  name: "config",
  summary: "Check the Compose files and print what they resolve to.",
  args: [["[services...]", "only these services and what they depend on"]],
  options: [
    ["--format <format>", "how to print it", ["yaml", "json"]],
    ["--services", "only the names of services"],
    ["--volumes", "only the names of volumes"],
    ["--networks", "only the names of networks"],
    ["--images", "only the images"],
    ["--profiles", "only the names of profiles"],
    ["--environment", "only the variables that the files are read with"],
    ["--hash <services>", "only digests of services: names with commas, or * for all"],
    ["-o, --output <path>", "write it to a file"],
    ["-q, --quiet", "only check"],
  ],
  example: "fairlead config --services",
  needs: "files",
  async run(session, args, flags) {
    const { configCommand } = await import("./resolved.ts");
    configCommand(session, wordsOf(args), flags);
  },
};
