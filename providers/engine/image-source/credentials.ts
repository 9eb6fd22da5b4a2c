// Registry credentials from Docker's configuration file, for one pull at a time. They are sent in
// X-Registry-Auth and stored nowhere.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { FairleadError } from "../../../resources/model/errors.ts";
import { parseReference } from "../../../resources/model/reference.ts";

interface DockerConfig {
  auths?: Record<string, { auth?: string; identitytoken?: string; registrytoken?: string }>;
  credHelpers?: Record<string, string>;
  credsStore?: string;
}

const DOCKER_HUB = "https://index.docker.io/v1/";
const HELPER_TIMEOUT_MS = 30_000;
const LONGEST_ANSWER = 1024 * 1024;

/** The X-Registry-Auth header for an image's registry; none when nothing is known of it. */
export async function registryAuth(
  reference: string,
  directory = process.env.DOCKER_CONFIG ?? join(homedir(), ".docker"),
): Promise<Record<string, string>> {
  const { domain } = parseReference(reference);
  const config = await readConfig(join(directory, "config.json"));
  const keys = domain === "docker.io" ? [DOCKER_HUB, "docker.io", "index.docker.io"] : [domain];
  const found = (await fromHelper(config, keys)) ?? fromFile(config, keys);
  if (!found) return {};
  const json = JSON.stringify({ ...found, serveraddress: keys[0] });
  return { "X-Registry-Auth": Buffer.from(json).toString("base64url") };
}

async function readConfig(path: string): Promise<DockerConfig> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new FairleadError("forbidden", `${path} cannot be read`, { path, cause: error });
  }
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as DockerConfig) : {};
  } catch (cause) {
    throw new FairleadError("invalid", `${path} is not JSON`, { path, cause });
  }
}

type Auth = {
  username?: string;
  password?: string;
  identitytoken?: string;
  registrytoken?: string;
};

function fromFile({ auths }: DockerConfig, keys: string[]): Auth | undefined {
  for (const key of keys) {
    const entry = auths?.[key] ?? auths?.[`https://${key}`] ?? auths?.[`https://${key}/v1/`];
    if (!entry) continue;
    if (entry.identitytoken) return { identitytoken: entry.identitytoken };
    if (entry.registrytoken) return { registrytoken: entry.registrytoken };
    const text = Buffer.from(entry.auth ?? "", "base64").toString("utf8");
    const colon = text.indexOf(":");
    if (colon > 0) return { username: text.slice(0, colon), password: text.slice(colon + 1) };
  }
  return undefined;
}

async function fromHelper(config: DockerConfig, keys: string[]): Promise<Auth | undefined> {
  for (const key of keys) {
    const helper = config.credHelpers?.[key] ?? config.credsStore;
    if (helper === undefined || !/^[A-Za-z0-9_.-]+$/.test(helper)) continue;
    const answer = await askHelper(`docker-credential-${helper}`, key);
    if (!answer?.Secret) continue;
    return answer.Username === "<token>"
      ? { identitytoken: answer.Secret }
      : { username: answer.Username ?? "", password: answer.Secret };
  }
  return undefined;
}

// The protocol of docker-credential-helpers: the server on stdin, JSON on stdout. A helper that is
// missing or knows nothing is no error: the pull itself tells when credentials were needed.
function askHelper(
  program: string,
  server: string,
): Promise<{ Username?: string; Secret?: string } | undefined> {
  return new Promise((resolve) => {
    const child = spawn(program, ["get"], {
      stdio: ["pipe", "pipe", "ignore"],
      timeout: HELPER_TIMEOUT_MS,
    });
    let answer = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (answer.length < LONGEST_ANSWER) answer += chunk.toString("utf8");
    });
    child.stdin.on("error", () => {});
    child.on("error", () => resolve(undefined));
    child.on("close", (code) => {
      try {
        resolve(code === 0 ? JSON.parse(answer) : undefined);
      } catch {
        resolve(undefined);
      }
    });
    child.stdin.end(server);
  });
}
