// The keys and passwords to try for a host, in ssh's order. Holds secrets: nothing here is printed,
// and what was tried is told by name only.
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import type {
  AnyAuthMethod,
  IdentityCallback,
  ParsedKey,
  SignCallback,
  SigningRequestOptions,
} from "ssh2";
import ssh2 from "ssh2";
import { FairleadError } from "../../../resources/model/errors.ts";
import { expandPath } from "./config-file.ts";
import { keyTypeOf } from "./known-hosts.ts";
import type { Hop } from "./route.ts";

const { BaseAgent, createAgent, utils } = ssh2;

type AgentOfKeys = InstanceType<typeof BaseAgent>;

/** One thing to try, and how to call it in a message. */
export interface Identity {
  readonly label: string;
  readonly kind: "publickey" | "password" | "keyboard-interactive";
  readonly method: AnyAuthMethod;
}

export interface Identities {
  readonly identities: readonly Identity[];
  /** Keys that were passed over, and why. */
  readonly skipped: readonly string[];
}

/** What to try for a hop; `invalid` when a key that the caller named cannot be used. */
export function identitiesOf(hop: Hop): Identities {
  const skipped: string[] = [];
  const identities: Identity[] = [];
  if (hop.privateKey !== undefined) {
    identities.push(publicKey(hop, "privateKey", givenKey(hop, hop.privateKey)));
  } else {
    const files = hop.identityFiles.flatMap((file) => identityFile(hop, file, skipped));
    if (hop.agentSocket) identities.push(agentKeys(hop, hop.agentSocket));
    identities.push(...files);
  }
  if (hop.password !== undefined) identities.push(...passwords(hop, hop.password));
  return { identities, skipped };
}

function publicKey(hop: Hop, label: string, key: ParsedKey): Identity {
  const method: AnyAuthMethod = { type: "publickey", username: hop.user, key };
  return { label, kind: "publickey", method };
}

function givenKey(hop: Hop, given: string): ParsedKey {
  const isValue = /-----BEGIN |PuTTY-User-Key-File/.test(given);
  const what = isValue ? "privateKey" : expandPath(given);
  const options = { path: "privateKey", hint: "give an OpenSSH or PEM private key, or its path" };
  let text = given;
  if (!isValue) {
    try {
      text = readFileSync(what, "utf8");
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? "unreadable";
      throw new FairleadError("invalid", `${hop.name}: cannot read the key ${what}: ${code}`, {
        ...options,
        cause,
      });
    }
  }
  const key = parseKey(text, hop.passphrase);
  if (typeof key !== "string") return key;
  throw new FairleadError("invalid", `${hop.name}: the private key is ${key}`, {
    path: "privateKey",
    hint: key === "encrypted" ? "give its passphrase as privateKeyPassword" : options.hint,
  });
}

function identityFile(hop: Hop, file: string, skipped: string[]): Identity[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return [];
  }
  const key = parseKey(text, hop.passphrase);
  if (typeof key !== "string") return [publicKey(hop, file, key)];
  skipped.push(`${file} is ${key}`);
  return [];
}

function parseKey(text: string, passphrase: string | undefined): ParsedKey | string {
  const parsed = utils.parseKey(fromPkcs8(text, passphrase), passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined) return "empty";
  if (key instanceof Error) {
    if (/no passphrase given/.test(key.message)) return "encrypted";
    if (/bad passphrase|bad decrypt|integrity/i.test(key.message)) {
      return "encrypted, and the passphrase is wrong";
    }
    return "not one that can be read";
  }
  return key.isPrivateKey() ? key : "a public key";
}

// ssh2 does not read PKCS#8, which `openssl genpkey` and some key stores write.
function fromPkcs8(text: string, passphrase: string | undefined): string {
  if (!/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(text)) return text;
  try {
    const key = createPrivateKey(passphrase === undefined ? text : { key: text, passphrase });
    if (key.asymmetricKeyType === "rsa") {
      return key.export({ type: "pkcs1", format: "pem" }) as string;
    }
    return key.export({ type: "sec1", format: "pem" }) as string;
  } catch {
    return text;
  }
}

function agentKeys(hop: Hop, socket: string): Identity {
  const configured = publicHalves(hop.identityFiles);
  const agent = new SelectedKeys(createAgent(socket), configured, hop.identitiesOnly);
  const method: AnyAuthMethod = { type: "agent", username: hop.user, agent };
  return { label: `the keys of the agent ${socket}`, kind: "publickey", method };
}

/** The public keys that belong to identity files, from `FILE.pub` or the file itself. */
function publicHalves(files: readonly string[]): Buffer[] {
  return files.flatMap((file) => {
    for (const candidate of [`${file}.pub`, file]) {
      try {
        const words = readFileSync(candidate, "utf8").trim().split(/\s+/);
        const key = Buffer.from(words[1] ?? "", "base64");
        if (keyTypeOf(key) === words[0]) return [key];
      } catch {}
    }
    return [];
  });
}

function passwords(hop: Hop, password: string): Identity[] {
  const interactive: AnyAuthMethod = {
    type: "keyboard-interactive",
    username: hop.user,
    // Only hidden prompts get the password; a one-time code is nothing that we could know.
    prompt: (_name, _text, _lang, prompts, finish) =>
      finish(prompts.map((prompt) => (prompt.echo ? "" : password))),
  };
  const method: AnyAuthMethod = { type: "password", username: hop.user, password };
  return [
    { label: "password", kind: "password", method },
    { label: "password (interactive)", kind: "keyboard-interactive", method: interactive },
  ];
}

// A server counts every key that is offered against MaxAuthTries, so the agent's keys that belong
// to identity files come first, and with IdentitiesOnly (ssh_config(5)) they alone.
class SelectedKeys extends BaseAgent<ParsedKey> {
  readonly #agent: AgentOfKeys;
  readonly #configured: readonly Buffer[];
  readonly #only: boolean;

  constructor(agent: AgentOfKeys, configured: readonly Buffer[], only: boolean) {
    super();
    this.#agent = agent;
    this.#configured = configured;
    this.#only = only;
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    this.#agent.getIdentities((error, keys) => {
      // An agent that is gone is like one without keys: the key files are tried next.
      if (error) return done(undefined, []);
      const parsed = (keys ?? []).flatMap((key) => {
        const one = utils.parseKey(key as Buffer);
        return one instanceof Error ? [] : [one].flat();
      });
      const isConfigured = (key: ParsedKey) =>
        this.#configured.some((known) => known.equals(key.getPublicSSH()));
      const others = this.#only ? [] : parsed.filter((key) => !isConfigured(key));
      done(undefined, [...parsed.filter(isConfigured), ...others]);
    });
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    done?: SignCallback,
  ): void {
    if (typeof options === "function") this.#agent.sign(key, data, {}, options);
    else this.#agent.sign(key, data, options, done);
  }
}
