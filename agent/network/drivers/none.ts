// The null driver, of the network none: a namespace with nothing but its loopback.
import { type NetworkDriverEntry, NOTHING_TO_DO } from "../driver/driver.ts";

export const none: NetworkDriverEntry = {
  name: "null",
  traits: {
    hostNamespace: false,
    interfaces: false,
    addresses: false,
    routed: false,
    publishes: false,
    resolvesNames: false,
    creatable: false,
  },
  predefined: { name: "none" },
  options: [],
  readOptions: () => ({}),
  isSettings: () => true,
  open: () => NOTHING_TO_DO,
};
