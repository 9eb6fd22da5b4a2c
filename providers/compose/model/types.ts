// The resolved model, as the schema reads it: Compose's own names, every value in its long form.
// Sizes are strings of digits (bytes), durations are as Go prints them (`1m30s`).
import type { model } from "../schema/model.ts";
import type { ValueOf } from "../schema/shape.ts";

type Read = ValueOf<typeof model>;
type Part<K extends keyof Read> = NonNullable<Read[K]>;
type Item<D> = D extends Record<string, infer T> ? NonNullable<T> : never;

export type Service = Item<Part<"services">>;
export type Healthcheck = NonNullable<Service["healthcheck"]>;
export type ServiceNetwork = Item<NonNullable<Service["networks"]>>;
export type Port = NonNullable<Service["ports"]>[number];
export type Mount = NonNullable<Service["volumes"]>[number];
export type FileReference = NonNullable<Service["secrets"]>[number];

// Loading gives everything at the top level a name.
type Named<T> = Omit<T, "name"> & { name: string };
export type Network = Named<Item<Part<"networks">>>;
export type Volume = Named<Item<Part<"volumes">>>;
export type Secret = Named<Item<Part<"secrets">>>;
export type Config = Named<Item<Part<"configs">>>;
/** A config or a secret; some keys are of one of them alone. */
export type FileObject = Partial<Secret & Config> & { name: string };

interface Filled {
  name: string;
  services: Record<string, Service>;
  networks?: Record<string, Network>;
  volumes?: Record<string, Volume>;
  secrets?: Record<string, Secret>;
  configs?: Record<string, Config>;
}
export type Model = Omit<Read, keyof Filled> & Filled;
