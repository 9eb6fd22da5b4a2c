// Drivers of one network that every host has, which needs nothing there and gives no interface.
import type { NetworkDriver, NetworkDriverEntry } from "./driver.ts";

const NOTHING_TO_DO: NetworkDriver = {
  ensure: async () => undefined,
  remove: async () => undefined,
  join: async () => ({}),
  leave: async () => undefined,
  isWhole: async () => true,
  links: () => [],
};

/** The entry of such a driver; its network's name is not always its own. */
export function fixedNetwork(
  name: string,
  network: string,
  { hostNamespace }: { hostNamespace: boolean },
): NetworkDriverEntry {
  return {
    name,
    traits: {
      hostNamespace,
      interfaces: false,
      addresses: false,
      routed: false,
      publishes: false,
      resolvesNames: false,
      creatable: false,
    },
    predefined: { name: network },
    options: [],
    readOptions: () => ({}),
    isSettings: () => true,
    open: () => NOTHING_TO_DO,
  };
}
