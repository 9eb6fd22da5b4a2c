// The commands fairlead terraform install, doctor and dev-rc, as the fairlead command registers
// them. Their code is loaded when they run.
import { Command } from "commander";

/** `fairlead terraform …`. */
export function terraformCommand(version: string): Command {
  const root = new Command("terraform").description("Install and check the Terraform provider.");
  root
    .command("install")
    .description("Put the provider where terraform finds it.")
    .addHelpText("after", "\nExample:\n  fairlead terraform install --project")
    .option("--mirror <dir>", "into a file system mirror instead of the user's plugin folder")
    .option("--project", "into ./terraform.d/plugins of this folder")
    .option("--write-rc <file>", "write a CLI configuration that uses the mirror")
    .option("--all-platforms", "for every platform that the provider runs on")
    .option("--force", "also over other bytes of the same version")
    .option("--print", "say what would be done, and do nothing")
    .action(async (flags) => {
      const { install } = await import("./install.ts");
      for (const line of install(version, flags)) process.stdout.write(`${line}\n`);
    });
  root
    .command("doctor")
    .description("Start the provider as terraform does, and say what is wrong.")
    .addHelpText("after", "\nExample:\n  fairlead terraform doctor")
    .action(async () => {
      const { examine } = await import("./doctor.ts");
      const { lines, well } = await examine(version);
      for (const line of lines) process.stdout.write(`${line}\n`);
      if (!well) process.exitCode = 1;
    });
  root
    .command("dev-rc")
    .description("Print a CLI configuration that uses the provider of this installation as it is.")
    .addHelpText("after", "\nExample:\n  fairlead terraform dev-rc > dev.tfrc")
    .action(async () => {
      const { developmentConfiguration } = await import("./place.ts");
      process.stdout.write(developmentConfiguration());
    });
  return root;
}
