// Where the built provider is, and where terraform looks for providers.
import { existsSync, readFileSync } from "node:fs";
import { homedir, platform } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { FairleadError } from "../../../resources/model/errors.ts";

/** The provider's address: a host of no registry, so that nobody else can ever offer it. */
export const SOURCE = "registry.fairlead.invalid/fairlead/fairlead";
export const LAUNCHER = "terraform-provider-fairlead";
/** Only the last level of a mirror tells platforms apart; the provider's bytes are the same. */
export const PLATFORMS = [
  ...["linux_amd64", "linux_arm64", "darwin_amd64", "darwin_arm64", "windows_amd64"],
];

const LEVELS = 6;

/** The folder of the built provider. */
export function builtProvider(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level < LEVELS; level++) {
    for (const candidate of ["terraform-provider", "dist/terraform-provider"]) {
      if (existsSync(join(folder, candidate, LAUNCHER))) return join(folder, candidate);
    }
    folder = dirname(folder);
  }
  throw new FairleadError("internal", "the Terraform provider is missing from this installation", {
    hint: "Install fairlead again, or in its sources: npm run build",
  });
}

/** The plugin folder of the user, which needs no configuration. */
export function userPlugins(): string {
  if (platform() === "win32") {
    return join(process.env.APPDATA ?? homedir(), "terraform.d", "plugins");
  }
  return join(homedir(), ".terraform.d", "plugins");
}

/** This machine as Go and so terraform name it. */
export function thisPlatform(): string {
  const systems: Record<string, string> = { win32: "windows" };
  const processors: Record<string, string> = { x64: "amd64", ia32: "386" };
  const system = systems[process.platform] ?? process.platform;
  return `${system}_${processors[process.arch] ?? process.arch}`;
}

/** The CLI configuration that terraform reads, and whether it says where providers come from. */
export function cliConfiguration(): { path: string; text: string; installation: boolean } {
  const usual =
    platform() === "win32"
      ? join(process.env.APPDATA ?? homedir(), "terraform.rc")
      : join(homedir(), ".terraformrc");
  const path = process.env.TF_CLI_CONFIG_FILE ?? process.env.TERRAFORM_CONFIG ?? usual;
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  return { path, text, installation: /^\s*provider_installation\s*\{/m.test(text) };
}

/** A CLI configuration for those who change the provider: no init, no lock file. */
export function developmentConfiguration(): string {
  return `# terraform init does not know this provider; plan and apply do without it.
provider_installation {
  dev_overrides {
    ${JSON.stringify(SOURCE)} = ${JSON.stringify(builtProvider())}
  }
  direct {}
}
`;
}

/** A CLI configuration that takes this provider from a mirror, and all others as usual. */
export function mirrorConfiguration(mirror: string): string {
  return `provider_installation {
  filesystem_mirror {
    path    = ${JSON.stringify(resolve(mirror))}
    include = [${JSON.stringify(SOURCE)}]
  }
  direct {
    exclude = [${JSON.stringify(SOURCE)}]
  }
}
`;
}
