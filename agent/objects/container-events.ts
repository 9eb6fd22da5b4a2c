// The events of containers, with the attributes that Docker's clients read.
import type { Container } from "./container.ts";
import type { EventSink, Sandbox } from "./drivers.ts";

/** Publishes `action` with the container's image, name and labels. */
export function publish(
  events: EventSink,
  container: Container,
  action: string,
  more: Record<string, string> = {},
): void {
  const { config, name } = container.record;
  events.publish("container", action, container.id, {
    ...config.Labels,
    image: config.Image ?? "",
    name,
    ...more,
  });
}

/** Publishes that a container joined or left its networks. */
export function publishNetworks(
  events: EventSink,
  container: Container,
  sandbox: Sandbox,
  action: "connect" | "disconnect",
): void {
  for (const { networkId, networkName } of sandbox.endpoints) {
    const type = ["host", "none"].includes(networkName) ? networkName : "bridge";
    events.publish("network", action, networkId, {
      container: container.id,
      name: networkName,
      type,
    });
  }
}
