import { describe, expect, test } from "vitest";
import type { ImageConfig } from "../../../../../agent/images/image-config.ts";
import {
  completeHostConfig,
  mergeConfig,
} from "../../../../../agent/objects/container/create/config.ts";

const image: ImageConfig = {
  architecture: "amd64",
  os: "linux",
  config: {
    User: "web",
    Env: ["PATH=/bin", "A=image"],
    Entrypoint: ["/entry"],
    Cmd: ["serve"],
    ExposedPorts: { "80/tcp": {} },
    Labels: { team: "x", keep: "y" },
    WorkingDir: "/srv",
    StopSignal: "SIGINT",
    Healthcheck: { Test: ["CMD", "true"], Interval: 5e9, Retries: 4 },
  },
};

describe("a container's configuration", () => {
  test("is the image's where the user says nothing", () => {
    const { config } = image;
    expect(mergeConfig({}, image)).toMatchObject({
      User: "web",
      Env: config?.Env,
      Entrypoint: ["/entry"],
      Cmd: ["serve"],
      WorkingDir: "/srv",
      StopSignal: "SIGINT",
      Labels: config?.Labels,
    });
  });

  const commands = [
    { user: { Cmd: ["x"] }, entrypoint: ["/entry"], command: ["x"] },
    { user: { Entrypoint: ["/mine"] }, entrypoint: ["/mine"], command: null },
    { user: { Entrypoint: ["/mine"], Cmd: ["x"] }, entrypoint: ["/mine"], command: ["x"] },
    { user: { Entrypoint: [""], Cmd: ["x"] }, entrypoint: null, command: ["x"] },
    { user: { Entrypoint: [], Cmd: [] }, entrypoint: [], command: ["serve"] },
  ];
  test.each(commands)("takes %o", ({ user, entrypoint, command }) => {
    const merged = mergeConfig(user, image);
    expect([merged.Entrypoint, merged.Cmd]).toEqual([entrypoint, command]);
  });

  test("needs a command from somewhere", () => {
    const empty = { architecture: "amd64", os: "linux" };
    expect(() => mergeConfig({}, empty)).toThrow("no command specified");
  });

  test("lets the user's variables win, and keeps those without a value", () => {
    const { Env } = mergeConfig({ Env: ["A=user", "B=", "PATH"] }, image);
    expect(Env).toEqual(["A=user", "B=", "PATH"]);
  });

  test("merges labels, ports and the health check key by key", () => {
    const merged = mergeConfig(
      { Labels: { team: "z" }, ExposedPorts: { "53/udp": {} }, Healthcheck: { Retries: 9 } },
      image,
    );
    expect(merged.Labels).toEqual({ team: "z", keep: "y" });
    expect(Object.keys(merged.ExposedPorts ?? {})).toEqual(["80/tcp", "53/udp"]);
    expect(merged.Healthcheck).toEqual({ Test: ["CMD", "true"], Interval: 5e9, Retries: 9 });
  });

  test("fills in Docker's defaults of the host's side", () => {
    const host = completeHostConfig(
      { NetworkMode: "default", Memory: 100 },
      { cgroupVersion: 2, runtime: "native" },
    );
    expect(host).toMatchObject({
      NetworkMode: "bridge",
      MemorySwap: 200,
      ShmSize: 67_108_864,
      IpcMode: "private",
      CgroupnsMode: "private",
      RestartPolicy: { Name: "no", MaximumRetryCount: 0 },
      LogConfig: { Type: "json-file", Config: {} },
    });
    const privileged = completeHostConfig(
      { Privileged: true },
      { cgroupVersion: 2, runtime: "native" },
    );
    expect(privileged).toMatchObject({ CgroupnsMode: "host", MaskedPaths: null });
  });
});
