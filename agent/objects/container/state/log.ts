// A container's log as its driver is told of it.
import type { LogSource } from "../../../logs/driver/driver.ts";
import { DEFAULT_LOG_DRIVER, LOG_DRIVERS } from "../../../logs/drivers/registry.ts";
import type { LogFiles } from "../../../logs/file/files.ts";
import type { Forwarded } from "../../../logs/forwarding.ts";
import type { LogConfig } from "../../../logs/settings.ts";
import type { Container } from "./container.ts";
import type { ContainerRecord } from "./record.ts";

export function logConfig({ hostConfig }: Pick<ContainerRecord, "hostConfig">): LogConfig {
  const { Type, Config } = hostConfig.LogConfig ?? {};
  return { driver: Type, options: Config ?? {} };
}

export function logSource(record: ContainerRecord): LogSource {
  const { id, name, imageId, config } = record;
  return {
    ...{ id, name, imageId, imageName: config.Image ?? "", created: record.created },
    command: [record.path, ...record.args].join(" "),
    labels: config.Labels ?? {},
    env: config.Env ?? [],
  };
}

/** The files whose rotated ones shall be compressed; undefined where none shall. */
export function compressedLog({ record, paths, unreadable }: Container): LogFiles | undefined {
  if (unreadable || record.removing) return undefined;
  const { driver = DEFAULT_LOG_DRIVER, options } = logConfig(record);
  const keeps = LOG_DRIVERS.find(({ name }) => name === driver)?.keeps(options);
  return keeps?.compress ? { path: paths.log, maxFiles: keeps.maxFiles } : undefined;
}

/** What sends its lines needs to know of it. */
export function forwarded(container: Container): Forwarded {
  const { id, record, paths } = container;
  return {
    ...{ id, config: logConfig(record), source: logSource(record), path: paths.log },
    alive: () => container.shim !== undefined && !container.removed,
    onChange: (listener) => container.onChange(listener),
  };
}
