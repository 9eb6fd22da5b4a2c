// The host driver: containers stay in the host's own network.
import { type NetworkDriverEntry, NOTHING_TO_DO } from "../driver/driver.ts";

export const host: NetworkDriverEntry = {
  name: "host",
  traits: {
    hostNamespace: true,
    interfaces: false,
    addresses: false,
    routed: false,
    publishes: false,
    resolvesNames: false,
    creatable: false,
  },
  predefined: { name: "host" },
  options: [],
  readOptions: () => ({}),
  isSettings: () => true,
  open: () => NOTHING_TO_DO,
};
