// A container as log drivers are told of it, and a host that keeps what is sent to its sockets.
import type { LogHost, LogSource } from "../../../agent/logs/driver/driver.ts";

export const ID = "0123456789abcdef".repeat(4);

export function source(more: Partial<LogSource> = {}): LogSource {
  return {
    id: ID,
    name: "web",
    imageId: `sha256:${"ab".repeat(32)}`,
    imageName: "busybox",
    command: "sh -c echo",
    created: "2030-01-01T00:00:00.000000001Z",
    labels: { team: "x", zone: "a b" },
    env: ["COLOR=red", "NOTE=a < b", "LONE"],
    ...more,
  };
}

export const host: LogHost = {
  hostname: "box",
  sendDatagrams: async (_, datagrams) => datagrams.length,
};
