// The bodies of creation and update.
import * as z from "zod";
import { fileRequest } from "../../../resources/wire.ts";
import { hostConfig } from "./host-config.ts";
import { endpoint } from "./network.ts";
import { resources, restartPolicy } from "./resources.ts";
import { anyMap, command, flag, integer, text, textMap, texts } from "./values.ts";

const healthcheck = z.optional(
  z.object({
    Test: texts,
    Interval: integer,
    Timeout: integer,
    Retries: integer,
    StartPeriod: integer,
    StartInterval: integer,
  }),
);

export const config = {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  ExposedPorts: anyMap,
  Tty: flag,
  OpenStdin: flag,
  StdinOnce: flag,
  Env: texts,
  Cmd: command,
  Healthcheck: healthcheck,
  ArgsEscaped: flag,
  Image: text,
  Volumes: anyMap,
  WorkingDir: text,
  Entrypoint: command,
  NetworkDisabled: flag,
  MacAddress: text,
  OnBuild: texts,
  Labels: textMap,
  StopSignal: text,
  StopTimeout: integer,
  Shell: texts,
};

/** Until API 1.43 dockerd reads the keys of HostConfig beside it, where old clients put them. */
export const createBody = z.object({
  ...config,
  ...hostConfig.shape,
  Cpuset: text,
  HostConfig: z.optional(hostConfig),
  NetworkingConfig: z.optional(
    z.object({ EndpointsConfig: z.optional(z.record(z.string(), z.nullish(endpoint))) }),
  ),
  Fairlead: z.optional(z.strictObject({ Files: z.array(fileRequest) })),
});

export const updateBody = z.object({ ...resources, RestartPolicy: restartPolicy });
