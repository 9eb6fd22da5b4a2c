// The kinds of objects that a stack declares on a host, by name.

export type Kind = "image" | "network" | "volume" | "container";
export const KINDS: readonly Kind[] = ["image", "network", "volume", "container"];
