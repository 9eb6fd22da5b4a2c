// The top level of a Compose model, in the order in which Compose prints it.
import { dict, dropped, forms, listOf, object, oneOrMany } from "./collections.ts";
import { flag, text, whole } from "./scalars.ts";
import { service } from "./service.ts";
import { labels, named, options } from "./shared.ts";

const external = forms({ scalar: flag(), map: object({ name: text }) }, flag());

const network = object(
  {
    name: text,
    driver: text,
    driver_opts: options,
    ipam: object(
      {
        driver: text,
        config: listOf(
          object({ subnet: text, gateway: text, ip_range: text, aux_addresses: options }),
        ),
        options: dropped(options),
      },
      { omitEmpty: true },
    ),
    external,
    internal: flag(),
    attachable: flag(),
    labels,
    enable_ipv4: flag({ keep: true }),
    enable_ipv6: flag({ keep: true }),
  },
  { nullable: true },
);

const volume = object(
  { name: text, driver: text, driver_opts: options, external, labels },
  { nullable: true },
);

const secret = object({
  name: text,
  file: text,
  environment: text,
  external,
  labels,
  driver: text,
  driver_opts: options,
  template_driver: text,
});

const config = object({
  name: text,
  file: text,
  environment: text,
  content: text,
  external,
  labels,
  template_driver: text,
});

const languageModel = object(
  { name: text, model: text, context_size: whole({ strict: true }), runtime_flags: listOf(text) },
  { required: ["model"] },
);

/** What `include` holds. */
export const include = listOf(
  forms(
    {
      scalar: text,
      map: object(
        { path: oneOrMany(text), env_file: oneOrMany(text), project_directory: text },
        { extensions: false, required: ["path"] },
      ),
    },
    object({ path: oneOrMany(text), env_file: oneOrMany(text), project_directory: text }),
  ),
);

export const model = object({
  version: dropped(text),
  name: text,
  services: dict(service, { keys: named("service"), keepEmpty: true }),
  networks: dict(network, { keys: named("network") }),
  volumes: dict(volume, { keys: named("volume") }),
  secrets: dict(secret, { keys: named("secret") }),
  configs: dict(config, { keys: named("config") }),
  models: dict(languageModel, { keys: named("model") }),
});
