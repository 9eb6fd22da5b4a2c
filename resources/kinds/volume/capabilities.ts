// What of a volume not every engine honours.
import { type Capability, driverAbility, optionsAbility } from "../../plan/capability.ts";
import type { VolumeSpec } from "./volume.ts";

export const volumeCapabilities: readonly Capability<VolumeSpec>[] = [
  {
    ...{ field: "driver", use: "one that the host lacks" },
    asked: ({ driver }) => (driver === undefined ? [] : [["driver"]]),
    ability: ({ drivers }, spec) => driverAbility("volume", drivers?.volumes, spec?.driver),
  },
  {
    ...{ field: "driverOpts", use: "one that its driver does not take" },
    asked: ({ driverOpts }) => (driverOpts === undefined ? [] : [["driverOpts"]]),
    ability: ({ drivers }, spec) => {
      const { driver = "local", driverOpts = {} } = spec ?? {};
      return optionsAbility("volume", drivers?.volumes, driver, Object.keys(driverOpts));
    },
  },
  {
    ...{ field: "labels", use: "an edit" },
    asked: () => [],
    ability: ({ can }) => (can.editsLabels ? "yes" : { no: "it would cost the data" }),
  },
];
