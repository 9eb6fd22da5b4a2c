// Puts the plugin where Pulumi's engine looks for it: $PULUMI_HOME/plugins/resource-fairlead-vV.
// Used by the SDK on import and by `fairlead pulumi install`; knows files only.
import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What makes up the plugin, in the folder of the built package. */
const PLUGIN_FILES = [
  ...["pulumi-resource-fairlead", "pulumi-resource-fairlead.cmd", "pulumi-provider.mjs", "bundle"],
] as const;

/** Where the plugin of a version belongs. */
export function pluginFolder(version: string, home = process.env.PULUMI_HOME): string {
  const top = home || join(homedir(), ".pulumi");
  return join(top, "plugins", `resource-fairlead-v${version}`);
}

/**
 * Copies the plugin from the folder of the package unless it is there; true when it was copied.
 * Throws when the files are missing or the place cannot be written.
 */
export function installPlugin(from: string, version: string, again = false): boolean {
  const folder = pluginFolder(version);
  if (existsSync(join(folder, "pulumi-provider.mjs")) && !again) return false;
  const plugins = join(folder, "..");
  mkdirSync(plugins, { recursive: true });
  const draft = mkdtempSync(join(plugins, ".fairlead-"));
  try {
    for (const file of PLUGIN_FILES) {
      cpSync(join(from, file), join(draft, file), { recursive: true });
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
    rmSync(`${folder}.partial`, { force: true });
    return true;
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Another program of this moment may have been faster.
    if (!again && existsSync(join(folder, "pulumi-provider.mjs"))) return false;
    throw error;
  }
}

/** The same for programs, which go on when it fails: the engine then says what it lacks. */
export function installedPlugin(from: string, version: string): void {
  try {
    installPlugin(from, version);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`fairlead: the plugin could not be installed: ${why}\n`);
  }
}
