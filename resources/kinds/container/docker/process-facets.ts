// Facets of what runs in a container: command, environment, user, restart, health.
import { reveal } from "../../../model/secret.ts";
import { isEmptyForm, isOneOf } from "../../../plan/facet.ts";
import type { ContainerSpec } from "../container.ts";
import { type Facet, inConfig, inHostConfig, listInHostConfig, toldByName } from "./facet.ts";

type Value<F extends keyof ContainerSpec> = NonNullable<ContainerSpec[F]>;

const NS_PER_MS = 1_000_000;

const image: Facet<string> = {
  write: (value, into) => {
    into.Image = value;
  },
  normal: (value) => value,
  read: (seen) => seen.Config?.Image ?? seen.Image,
  compare: "whole",
};

// It is said beside the request, and shown by the image alone.
const platform: Facet<string> = {
  write: () => {},
  normal: (value) => value,
  read: () => undefined,
  compare: "whole",
  isHidden: true,
};

const command: Facet<string[]> = {
  write: (value, into) => {
    into.Cmd = value;
  },
  normal: (value) => value,
  read: (seen) => seen.Config?.Cmd ?? [],
  compare: "whole",
  inherited: true,
};

const entrypoint: Facet<string[]> = {
  // An entrypoint that is one empty word stands for none, in every engine version.
  write: (value, into) => {
    into.Entrypoint = value.length === 0 ? [""] : value;
  },
  normal: (value) => value,
  read: (seen) => {
    const shown = (seen.Config?.Entrypoint as string[] | null | undefined) ?? [];
    return shown.length === 1 && shown[0] === "" ? [] : shown;
  },
  compare: "whole",
  inherited: true,
};

const env: Facet<Value<"env">> = {
  write: (value, into) => {
    into.Env = Object.entries(value).map(([name, content]) => `${name}=${reveal(content)}`);
  },
  normal: (value) => value,
  read: (seen) =>
    Object.fromEntries(
      (seen.Config?.Env ?? []).map((entry) => {
        const at = entry.indexOf("=");
        return at < 0 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
      }),
    ),
  compare: "keys",
  inherited: true,
};

const init: Facet<boolean> = {
  write: (value, into) => {
    into.HostConfig.Init = value;
  },
  normal: (value) => value,
  read: (seen) => seen.HostConfig?.Init ?? false,
  compare: "whole",
};

const restart: Facet<string> = {
  write: (value, into) => {
    into.HostConfig.RestartPolicy = restartPolicy(value);
  },
  normal: (value) => value.replace(/^on-failure:0$/, "on-failure"),
  read: (seen) => {
    const { Name, MaximumRetryCount } = seen.HostConfig?.RestartPolicy ?? {};
    return MaximumRetryCount ? `${Name}:${MaximumRetryCount}` : Name || "no";
  },
  compare: "whole",
  clear: "no",
  isUnset: isOneOf("no"),
};

const stopSignal: Facet<string> = {
  write: (value, into) => {
    into.StopSignal = value;
  },
  normal: (value) => value.replace(/^SIG/, ""),
  read: (seen) => seen.Config?.StopSignal?.replace(/^SIG/, ""),
  compare: "whole",
  inherited: true,
};

const stopGracePeriod: Facet<number> = {
  write: (value, into) => {
    into.StopTimeout = value / 1000;
  },
  normal: (value) => value,
  read: (seen) => (seen.Config?.StopTimeout ?? 10) * 1000,
  compare: "whole",
  isUnset: isOneOf(10_000),
};

const TIMES = {
  interval: "Interval",
  timeout: "Timeout",
  startPeriod: "StartPeriod",
  startInterval: "StartInterval",
} as const;

const healthcheck: Facet<Value<"healthcheck">> = {
  write: (value, into) => {
    const wire: NonNullable<typeof into.Healthcheck> = {};
    const test = testOf(value);
    if (test) wire.Test = test;
    if (value.retries !== undefined) wire.Retries = value.retries;
    for (const [field, key] of Object.entries(TIMES)) {
      const ms = value[field as keyof typeof TIMES];
      if (ms !== undefined) wire[key] = ms * NS_PER_MS;
    }
    into.Healthcheck = wire;
  },
  normal: (value) => {
    const { test: _test, disable: _disable, ...times } = value;
    return { ...times, test: testOf(value) };
  },
  read: (seen) => {
    const wire = seen.Config?.Healthcheck ?? {};
    return {
      test: wire.Test ?? [],
      retries: wire.Retries ?? 0,
      interval: (wire.Interval ?? 0) / NS_PER_MS,
      timeout: (wire.Timeout ?? 0) / NS_PER_MS,
      startPeriod: (wire.StartPeriod ?? 0) / NS_PER_MS,
      startInterval: (wire.StartInterval ?? 0) / NS_PER_MS,
    };
  },
  compare: "keys",
  inherited: true,
  declared: (keyed) => {
    if ((keyed.test as string[] | undefined)?.[0] === "NONE") return { disable: true };
    const set = Object.entries(keyed).filter(([, one]) => one !== 0 && !isEmptyForm(one));
    return set.length === 0 ? undefined : Object.fromEntries(set);
  },
};

/** Docker's form of `on-failure:3`. */
export function restartPolicy(restart: string) {
  const [name = "no", count = "0"] = restart.split(":");
  return { Name: name as "no" | "always", MaximumRetryCount: Number(count) };
}

export const processFacets = {
  image,
  platform,
  command,
  entrypoint,
  env,
  user: inConfig<string>("User", { inherited: true }),
  groupAdd: listInHostConfig("GroupAdd", "sorted"),
  workingDir: inConfig<string>("WorkingDir", { inherited: true }),
  tty: inConfig<boolean>("Tty"),
  stdinOpen: inConfig<boolean>("OpenStdin"),
  init,
  restart,
  stopSignal,
  stopGracePeriod,
  healthcheck,
  ipc: inHostConfig<string>("IpcMode", "", {
    isUnset: isOneOf("private", "shareable"),
    told: toldByName,
  }),
  pid: inHostConfig<string>("PidMode", "", { told: toldByName }),
  uts: inHostConfig<string>("UTSMode", "") as Facet<Value<"uts">>,
  userns: inHostConfig<string>("UsernsMode", ""),
  cgroupns: inHostConfig<string>("CgroupnsMode" as "UTSMode", "", {
    isUnset: isOneOf("private", "host"),
  }) as Facet<Value<"cgroupns">>,
  runtime: inHostConfig<string>("Runtime", "", { isUnset: isOneOf("runc", "native", "fairlead") }),
};

function testOf(check: Value<"healthcheck">): string[] | undefined {
  return check.disable ? ["NONE"] : check.test;
}
