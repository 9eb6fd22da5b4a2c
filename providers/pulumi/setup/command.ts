// The command fairlead pulumi install, as the fairlead command registers it. Its code is loaded
// when it runs.
import { Command } from "commander";

/** `fairlead pulumi …`. */
export function pulumiCommand(version: string): Command {
  const root = new Command("pulumi").description("Install the Pulumi provider.");
  root
    .command("install")
    .description("Put the plugin where Pulumi finds it, for machines that run no program first.")
    .addHelpText("after", "\nExample:\n  fairlead pulumi install")
    .option("--force", "also over one of the same version")
    .action(async ({ force }: { force?: boolean }) => {
      const { installPlugin, pluginFolder } = await import("./plugin-install.ts");
      const { packageFolder } = await import("./package-folder.ts");
      const copied = installPlugin(packageFolder(), version, force === true);
      const what = copied ? "installed in" : "is already in";
      process.stdout.write(`The plugin ${what} ${pluginFolder(version)}\n`);
    });
  return root;
}
