// What of a network not every engine honours.
import { type Capability, driverAbility, optionsAbility } from "../../plan/capability.ts";
import type { NetworkSpec } from "./network.ts";

export const networkCapabilities: readonly Capability<NetworkSpec>[] = [
  {
    ...{ field: "driver", use: "one that the host lacks" },
    asked: ({ driver }) => (driver === undefined ? [] : [["driver"]]),
    ability: ({ drivers }, spec) => driverAbility("network", drivers?.networks, spec?.driver),
  },
  {
    ...{ field: "driverOpts", use: "one that its driver does not take" },
    asked: ({ driverOpts }) => (driverOpts === undefined ? [] : [["driverOpts"]]),
    ability: ({ drivers }, spec) => {
      const { driver = "bridge", driverOpts = {} } = spec ?? {};
      return optionsAbility("network", drivers?.networks, driver, Object.keys(driverOpts));
    },
  },
  {
    ...{ field: "ipamDriver", use: "one that the host lacks" },
    asked: ({ ipamDriver }) => (ipamDriver === undefined ? [] : [["ipamDriver"]]),
    ability: ({ drivers }, spec) => {
      return driverAbility("address", drivers?.addresses, spec?.ipamDriver);
    },
  },
  {
    ...{ field: "enableIpv6", use: "without an IPv6 subnet" },
    asked: ({ enableIpv6, subnets = [] }) => {
      const named = subnets.some(({ subnet }) => subnet.includes(":"));
      return enableIpv6 && !named ? [["enableIpv6"]] : [];
    },
    ability: ({ can, engine }) =>
      can.choosesIpv6Subnets
        ? "yes"
        : { no: `${engine} chooses no IPv6 subnet there`, hint: "Name one in subnets." },
  },
  {
    ...{ field: "labels", use: "an edit" },
    asked: () => [],
    ability: ({ can }) => (can.editsLabels ? "yes" : { lossy: "makes the network anew" }),
  },
];
