// The events of containers, with the attributes that Docker's clients read.
import type { EventSink } from "../../event.ts";
import type { Container } from "./container.ts";

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
