// Puts the built provider where terraform finds it. Terraform records the bytes of a version in a
// lock file, so one version must never have two contents.
import { execFileSync } from "node:child_process";
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
import { FairleadError } from "../../../resources/model/errors.ts";
import { checksum, hindrances } from "./hindrances.ts";
import {
  builtProvider,
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
  const built = builtProvider();
  const lines = [
    ...warnings(flags),
    ...hindrances(plugins, version, built).map((text) => `warning: ${text}`),
    ...platforms.map((one) => `${join(folder, one)}`),
  ];
  if (flags.print) return [...lines, "Nothing has been changed."];
  for (const one of existing(folder)) refuseOther(one, built, flags.force === true, version);
  const configuration = flags.writeRc && {
    path: flags.writeRc,
    text: mirrorConfiguration(plugins),
  };
  if (configuration && !flags.force) refuseOverwriting(configuration);
  place(built, folder, platforms);
  if (configuration) {
    writeFileSync(configuration.path, configuration.text);
    lines.push(`${configuration.path}: set TF_CLI_CONFIG_FILE to it`);
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
  if (flags.project) {
    found.push("warning: terraform -chdir and CDK for Terraform do not look into ./terraform.d");
  }
  if (!onPath("node")) {
    found.push("warning: node is not on the PATH; set FAIRLEAD_NODE to it when terraform runs");
  }
  const terraform = terraformVersion();
  if (terraform === undefined && terraformVersion("tofu") !== undefined) return found;
  if (terraform === undefined) found.push("warning: terraform is not on the PATH");
  else if (!/^(1\.(\d{3,}|[2-9]\d|1[1-9])|[2-9])\b/.test(terraform)) {
    found.push(`warning: terraform ${terraform} has no write-only attributes; 1.11 has`);
  }
  return found;
}

/** The version of the terraform, or OpenTofu's tofu, on the PATH. */
export function terraformVersion(program = "terraform"): string | undefined {
  try {
    const said = execFileSync(program, ["version", "-json"], {
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
  if (force || checksum(there) === checksum(built)) return;
  throw new FairleadError("conflict", `${there} has other bytes of version ${version}`, {
    hint:
      "Lock files have the checksum of a version, and terraform init would fail where one is. " +
      "Install another version of fairlead, or use --force and delete the entry in lock files.",
  });
}

function refuseOverwriting({ path, text }: { path: string; text: string }): void {
  if (!existsSync(path) || readFileSync(path, "utf8") === text) return;
  throw new FairleadError("conflict", `${path} exists and says something else`, {
    hint: "Name another file, add the mirror to it yourself, or use --force.",
  });
}

// What hosts need lies beside the platforms, not in them: terraform reads every byte of a
// platform's folder in every run.
function place(built: string, folder: string, platforms: string[]): void {
  mkdirSync(folder, { recursive: true });
  const [first = "", ...others] = platforms;
  const staged = join(folder, `.new-${process.pid}`);
  try {
    cpSync(built, staged, { recursive: true, dereference: true });
    // What unpacked the package may have dropped the mode.
    chmodSync(join(staged, LAUNCHER), 0o755);
    rmSync(join(folder, first), { recursive: true, force: true });
    renameSync(staged, join(folder, first));
  } finally {
    rmSync(staged, { recursive: true, force: true });
  }
  for (const other of others) {
    rmSync(join(folder, other), { recursive: true, force: true });
    if (process.platform === "win32")
      cpSync(join(folder, first), join(folder, other), { recursive: true });
    else symlinkSync(first, join(folder, other));
  }
  const bundle = join(built, "..", "bundle");
  if (existsSync(bundle)) cpSync(bundle, join(folder, "bundle"), { recursive: true });
}
