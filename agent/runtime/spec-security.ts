// SecurityOpt: seccomp, no-new-privileges, AppArmor and labels. Refuses what the host cannot do.
import { readFileSync } from "node:fs";
import type { HostConfig } from "@docker/node-sdk";
import { FairleadError } from "../../resources/model/errors.ts";
import {
  customSeccomp,
  defaultSeccomp,
  type SeccompContext,
  type SeccompFilter,
} from "./seccomp.ts";

export interface Security {
  seccomp: SeccompFilter | undefined;
  process: { noNewPrivileges?: boolean; apparmorProfile?: string };
  writableCgroups: boolean;
}

/** Decodes every option; `invalid` names the one that is wrong. */
export function securityOf(host: HostConfig, context: SeccompContext): Security {
  const privileged = host.Privileged === true;
  const security: Security = {
    seccomp: privileged ? undefined : defaultSeccomp(context),
    process: {},
    writableCgroups: privileged,
  };
  for (const option of host.SecurityOpt ?? []) apply(option, security, context);
  return security;
}

function apply(option: string, security: Security, context: SeccompContext): void {
  // Docker's older form separates with a colon.
  const [, key = option, value] = /^([a-z-]+)[=:]([\s\S]*)$/.exec(option) ?? [];
  switch (key) {
    case "no-new-privileges":
      if (value === undefined || value === "true") security.process.noNewPrivileges = true;
      else if (value !== "false") throw invalid(option);
      return;
    case "seccomp":
      if (value === "unconfined") security.seccomp = undefined;
      else if (value === "builtin") security.seccomp = defaultSeccomp(context);
      else security.seccomp = customSeccomp(value ?? "", context);
      return;
    case "apparmor":
      if (value === undefined || value === "") throw invalid(option);
      if (value === "unconfined") return;
      if (!appArmorEnabled()) {
        throw new FairleadError("invalid", `invalid --security-opt "${option}"`, {
          hint: "AppArmor is not enabled on this host",
        });
      }
      security.process.apparmorProfile = value;
      return;
    case "writable-cgroups":
      if (value === undefined || value === "true") security.writableCgroups = true;
      else if (value === "false") security.writableCgroups = false;
      else throw invalid(option);
      return;
    case "label":
      if (value !== "disable") {
        throw new FairleadError("unsupported", `--security-opt "${option}"`, {
          hint: "SELinux labels are not set by this engine; use label=disable",
        });
      }
      return;
    default:
      throw invalid(option);
  }
}

function invalid(option: string): FairleadError {
  return new FairleadError("invalid", `invalid --security-opt 2: "${option.slice(0, 100)}"`);
}

function appArmorEnabled(): boolean {
  try {
    return readFileSync("/sys/module/apparmor/parameters/enabled", "utf8").startsWith("Y");
  } catch {
    return false;
  }
}
