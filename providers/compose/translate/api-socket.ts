// use_api_socket, as Compose has it: the engine's socket in the container, and the credentials that
// docker's configuration of this machine has, for what asks registries by it.
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ContainerInput } from "../../../resources/kinds/container/container.ts";
import { secret } from "../../../resources/model/secret.ts";
import { ENGINE_SOCKETS } from "../../../resources/wire.ts";
import type { Path } from "../document/node.ts";
import type { Service } from "../model/types.ts";
import type { Translation } from "./context.ts";

const FOLDER = "/run/secrets/docker";

type Given = { [F in "mounts" | "files" | "env"]: NonNullable<ContainerInput[F]> };

/** What a service gets beside its own; nothing unless it asks. */
export function apiSocketOf(service: Service, path: Path, translation: Translation): Given {
  if (service.use_api_socket !== true) return { mounts: [], files: [], env: {} };
  const socket = ENGINE_SOCKETS[0]!;
  const mounts: Given["mounts"] = [{ type: "bind", source: socket, target: socket }];
  // Who names a configuration brings the credentials along.
  if (service.environment?.DOCKER_CONFIG !== undefined) return { mounts, files: [], env: {} };
  const content = secret(credentials([...path, "use_api_socket"], translation));
  return {
    mounts,
    files: [{ target: `${FOLDER}/config.json`, content, secret: true }],
    env: { DOCKER_CONFIG: FOLDER },
  };
}

function credentials(path: Path, translation: Translation): string {
  const folder = process.env.DOCKER_CONFIG ?? join(homedir(), ".docker");
  const config = readConfig(join(folder, "config.json"));
  if (config.credsStore !== undefined || config.credHelpers !== undefined) {
    translation.warn(path, "gives no credentials that docker keeps in a helper");
  }
  return JSON.stringify({ auths: config.auths ?? {} });
}

function readConfig(file: string): { auths?: object; credsStore?: string; credHelpers?: object } {
  try {
    return JSON.parse(readFileSync(file, "utf8")) ?? {};
  } catch {
    // Without credentials of docker there are none to give.
    return {};
  }
}
