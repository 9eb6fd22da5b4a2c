// Puts the built provider where terraform finds it. Terraform records the bytes of a version in a
// lock file, so one version must never have two contents.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { FairleadError } from "../../../resources/errors.ts";
import {
  builtProvider,
  cliConfiguration,
  LAUNCHER,
  mirrorConfiguration,
  PLATFORMS,
  SOURCE,
  thisPlatform,
  userPlugins,
} from "./place.ts";

export interface InstallFlags {
  mirror?: string;
  project?: boolean;
  writeRc?: string;
  allPlatforms?: boolean;
  force?: boolean;
  print?: boolean;
}

/** Installs the provider; what a person should know, line by line. */
export function install(version: string, flags: InstallFlags): string[] {
  if (flags.mirror !== undefined && flags.project) {
    throw new FairleadError("invalid", "--mirror and --project exclude each other");
  }
  if (flags.writeRc !== undefined && flags.mirror === undefined) {
    throw new FairleadError("invalid", "--write-rc needs --mirror");
  }
  const plugins = resolve(
    flags.mirror ?? (flags.project ? join("terraform.d", "plugins") : userPlugins()),
  );
  const folder = join(plugins, ...SOURCE.split("/"), version);
  const platforms = flags.allPlatforms ? PLATFORMS : [thisPlatform()];
  const lines = [...warnings(flags), ...platforms.map((one) => `${join(folder, one)}`)];
  if (flags.print) return [...lines, "Nothing has been changed."];
  const built = builtProvider();
  for (const one of existing(folder)) refuseOther(one, built, flags.force === true, version);
  place(built, folder, platforms);
  if (flags.writeRc !== undefined) {
    writeFileSync(flags.writeRc, mirrorConfiguration(plugins));
    lines.push(`${flags.writeRc}: set TF_CLI_CONFIG_FILE to it`);
  }
  return [...lines, ...advice(version)];
}

/** What a configuration says to use the provider. */
function advice(version: string): string[] {
  return [
    "",
    "terraform {",
    "  required_providers {",
    `    fairlead = { source = "${SOURCE}", version = "${version}" }`,
    "  }",
    "}",
    "",
    "With cdktf deploy: --skip-provider-lock, because no registry knows the provider.",
  ];
}

function warnings(flags: InstallFlags): string[] {
  const found: string[] = [];
  const { path, installation } = cliConfiguration();
  if (installation && flags.mirror === undefined) {
    found.push(
      `warning: ${path} has a provider_installation block, so no plugin folder is looked into;`,
      "  add this folder to it as a filesystem_mirror, or install with --mirror and --write-rc",
    );
  }
  if (flags.project) {
    found.push("warning: terraform -chdir and CDK for Terraform do not look into ./terraform.d");
  }
  if (!onPath("node")) {
    found.push("warning: node is not on the PATH; set FAIRLEAD_NODE to it when terraform runs");
  }
  const terraform = terraformVersion();
  if (terraform === undefined) found.push("warning: terraform is not on the PATH");
  else if (!/^(1\.(\d{3,}|[2-9]\d|1[1-9])|[2-9])\b/.test(terraform)) {
    found.push(`warning: terraform ${terraform} has no write-only attributes; 1.11 has`);
  }
  return found;
}

/** The version of the terraform on the PATH. */
export function terraformVersion(): string | undefined {
  try {
    const said = execFileSync("terraform", ["version", "-json"], {
      ...{ encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    });
    return (JSON.parse(said) as { terraform_version?: string }).terraform_version;
  } catch {
    // Absent, or no terraform: both are told as absent.
    return undefined;
  }
}

/** Whether a program is in a folder of the PATH. */
export function onPath(program: string): boolean {
  const names = process.platform === "win32" ? [`${program}.exe`, `${program}.cmd`] : [program];
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.some((folder) => names.some((name) => existsSync(join(folder, name))));
}

function existing(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => PLATFORMS.includes(name))
    .map((name) => join(folder, name));
}

function refuseOther(there: string, built: string, force: boolean, version: string): void {
  if (force || digestOf(there) === digestOf(built)) return;
  throw new FairleadError("conflict", `${there} has other bytes of version ${version}`, {
    hint:
      "Lock files have the checksum of a version, and terraform init would fail where one is. " +
      "Install another version of fairlead, or use --force and delete the entry in lock files.",
  });
}

// As terraform's own hash of a folder: names and contents, no modes.
function digestOf(folder: string): string {
  const hash = createHash("sha256");
  if (!existsSync(folder)) return "";
  for (const name of readdirSync(folder).sort()) {
    hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  }
  return hash.digest("hex");
}

// What hosts need lies beside the platforms, not in them: terraform reads every byte of a
// platform's folder in every run.
function place(built: string, folder: string, platforms: string[]): void {
  mkdirSync(folder, { recursive: true });
  const [first = "", ...others] = platforms;
  const staged = join(folder, `.new-${process.pid}`);
  cpSync(built, staged, { recursive: true, dereference: true });
  // What unpacked the package may have dropped the mode.
  chmodSync(join(staged, LAUNCHER), 0o755);
  rmSync(join(folder, first), { recursive: true, force: true });
  renameSync(staged, join(folder, first));
  for (const other of others) {
    rmSync(join(folder, other), { recursive: true, force: true });
    if (process.platform === "win32")
      cpSync(join(folder, first), join(folder, other), { recursive: true });
    else symlinkSync(first, join(folder, other));
  }
  const bundle = join(built, "..", "bundle");
  if (existsSync(bundle)) cpSync(bundle, join(folder, "bundle"), { recursive: true });
}
