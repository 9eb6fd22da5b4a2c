// A link as Docker writes it: NAME, or NAME:ALIAS.

export interface Link {
  /** Of the other container; on a network of the user's also one of its aliases there. */
  name: string;
  alias: string;
}

/** Undefined when a text is no link. Inspect's own form `/NAME:/CONTAINER/ALIAS` is one too. */
export function parseLink(text: string): Link | undefined {
  const [name = "", path = name, rest] = text.split(":");
  const own = name.replace(/^\//, "");
  const alias = path.slice(path.lastIndexOf("/") + 1);
  const fine = (word: string) => /^[^\s\0#/]{1,253}$/.test(word);
  return rest === undefined && fine(own) && fine(alias) ? { name: own, alias } : undefined;
}
