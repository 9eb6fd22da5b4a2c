// The short syntax of a service's volumes: `source:target:options`.

export interface Mount {
  type: "bind" | "volume";
  source: string;
  target: string;
  readOnly: boolean;
  nocopy: boolean;
  propagation?: string;
  selinux?: string;
  /** A one- or two-character target is taken as it is, without options of a volume. */
  bare: boolean;
}

const PROPAGATIONS = ["rprivate", "private", "rshared", "shared", "rslave", "slave"];

/** The mount a short form means; undefined when it has empty or too many parts. */
export function parseMount(text: string): Mount | undefined {
  const mount: Mount = {
    type: "volume",
    source: "",
    target: "",
    readOnly: false,
    nocopy: false,
    bare: false,
  };
  if (text === "") return undefined;
  if (text.length <= 2) return { ...mount, target: text, bare: true };
  const parts = sections(text);
  if (parts.length > 3 || parts.includes("")) return undefined;
  if (parts.length === 1) mount.target = parts[0] ?? "";
  else [mount.source = "", mount.target = ""] = parts;
  for (const option of parts[2]?.split(",") ?? []) apply(option, mount);
  if (isFilePath(mount.source)) mount.type = "bind";
  return mount;
}

/** Splits at colons, except the one of a Windows drive and those inside `${…}`. */
function sections(text: string): string[] {
  const parts: string[] = [];
  let part = "";
  let inVariable = 0;
  for (const [index, character] of [...text].entries()) {
    if (character === "$" && text[index + 1] === "{") inVariable += 1;
    if (character === "}" && inVariable > 0) inVariable -= 1;
    if (character === ":" && inVariable === 0 && !/^[a-zA-Z]$/.test(part)) {
      parts.push(part);
      part = "";
    } else {
      part += character;
    }
  }
  return [...parts, part];
}

function apply(option: string, mount: Mount): void {
  if (option === "ro") mount.readOnly = true;
  else if (option === "rw") mount.readOnly = false;
  else if (option === "nocopy") mount.nocopy = true;
  else if (option === "z" || option === "Z") mount.selinux = option;
  else if (PROPAGATIONS.includes(option)) mount.propagation = option;
}

function isFilePath(source: string): boolean {
  return /^[./~]|^\\\\|^[a-zA-Z]:/.test(source);
}
