// Prints a resolved model as `docker compose config` does.
import { stringify } from "yaml";
import type { Model, Service } from "./types.ts";

/** YAML with Compose's order of keys; `$` is doubled, so that the output can be loaded again. */
export function modelYaml(model: Model): string {
  const text = stringify(inOrder(model), {
    indent: 2,
    indentSeq: true,
    lineWidth: 0,
    version: "1.1",
    defaultStringType: "PLAIN",
    aliasDuplicateObjects: false,
  });
  return text.replaceAll("$", "$$$$");
}

/** The same as JSON, in which Compose leaves out extensions inside of resources. */
export function modelJson(model: Model): string {
  const { name, services, networks, volumes, secrets, configs, models: _models, ...rest } = model;
  const json = {
    ...(configs && { configs: resourcesJson(configs) }),
    name,
    ...(networks && { networks: resourcesJson(networks, { ipam: {} }) }),
    ...(secrets && { secrets: resourcesJson(secrets) }),
    services: Object.fromEntries(
      Object.entries(services).map(([key, service]) => [key, serviceJson(service)]),
    ),
    ...(volumes && { volumes: resourcesJson(volumes) }),
    ...rest,
  };
  return `${JSON.stringify(json, null, 2).replaceAll("$", "$$$$")}\n`;
}

function inOrder({ name, services, networks, volumes, secrets, configs, models, ...rest }: Model) {
  return {
    name,
    services,
    ...(networks && { networks }),
    ...(volumes && { volumes }),
    ...(secrets && { secrets }),
    ...(configs && { configs }),
    ...(models && { models }),
    ...rest,
  };
}

function resourcesJson(resources: object, defaults: object = {}): object {
  return Object.fromEntries(
    Object.entries(resources).map(([key, value]) => [
      key,
      { ...defaults, ...withoutExtensions(value as object) },
    ]),
  );
}

/** Compose's JSON has these keys also when nothing is set. */
function serviceJson(service: Service): object {
  const plain = withoutExtensions(service) as Service;
  const json: Record<string, unknown> = { command: null, entrypoint: null, ...plain };
  if (plain.deploy !== undefined) {
    json.deploy = { resources: {}, placement: {}, ...plain.deploy };
  }
  const { watch } = (plain.develop ?? {}) as { watch?: object[] };
  if (watch !== undefined) {
    json.develop = { watch: watch.map((rule) => ({ exec: { command: null }, ...rule })) };
  }
  if (plain.blkio_config !== undefined) {
    json.blkio_config = Object.fromEntries(
      Object.entries(plain.blkio_config).map(([key, value]) => [key, capitalized(value)]),
    );
  }
  if (plain.ulimits !== undefined) {
    json.ulimits = Object.fromEntries(
      Object.entries(plain.ulimits).map(([name, limit]) => [name, withoutZeros(limit)]),
    );
  }
  return json;
}

/** The keys of devices in blkio_config, which Compose's JSON capitalises. */
function capitalized(devices: unknown): unknown {
  if (!Array.isArray(devices)) return devices;
  return devices.map((device: object) =>
    Object.fromEntries(
      Object.entries(device).map(([key, value]) => [
        key.charAt(0).toUpperCase() + key.slice(1),
        value,
      ]),
    ),
  );
}

function withoutZeros(limit: number | object): number | object {
  if (typeof limit === "number") return limit;
  return Object.fromEntries(Object.entries(limit).filter(([, value]) => value !== 0));
}

function withoutExtensions(value: object): object {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !key.startsWith("x-"))
      .map(([key, item]) => [
        key,
        typeof item === "object" && item !== null && !Array.isArray(item)
          ? key === "environment" || key === "labels"
            ? item
            : withoutExtensions(item as object)
          : item,
      ]),
  );
}
