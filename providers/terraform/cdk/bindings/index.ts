// Generated from the provider's attributes by `npm run generate`; not edited by hand.

export * from "./container.ts";
export * from "./container-config.ts";
export * from "./data-container.ts";
export * from "./data-container-config.ts";
export * from "./data-container-logs.ts";
export * from "./data-container-logs-config.ts";
export * from "./data-containers.ts";
export * from "./data-containers-config.ts";
export * from "./data-host.ts";
export * from "./data-host-config.ts";
export * from "./data-image.ts";
export * from "./data-image-config.ts";
export * from "./data-network.ts";
export * from "./data-network-config.ts";
export * from "./data-volume.ts";
export * from "./data-volume-config.ts";
export * from "./host.ts";
export * from "./host-config.ts";
export * from "./image.ts";
export * from "./image-config.ts";
export * from "./network.ts";
export * from "./network-config.ts";
export * from "./provider.ts";
export * from "./volume.ts";
export * from "./volume-config.ts";
