// The provider's process. Only the handshake is loaded at once: Terraform starts this several times
// in a run, and most of them ask for little.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Method, Methods } from "../rpc/grpc.ts";
import { runPlugin } from "./plugin.ts";

const NAMES = [
  ...["GetMetadata", "GetProviderSchema", "ValidateProviderConfig", "ConfigureProvider"],
  ...["ValidateResourceConfig", "ValidateDataResourceConfig", "UpgradeResourceState"],
  ...["ReadResource", "PlanResourceChange", "ApplyResourceChange", "ImportResourceState"],
  ...["MoveResourceState", "ReadDataSource", "ValidateEphemeralResourceConfig"],
  ...["OpenEphemeralResource", "RenewEphemeralResource", "CloseEphemeralResource"],
  ...["GetFunctions", "CallFunction", "StopProvider"],
];

type Service = typeof import("./service.ts");
let service: Promise<Service> | undefined;
const load = () => {
  service ??= import("./service.ts");
  return service;
};

const methods: Methods = {};
for (const name of NAMES) {
  const path = `/tfplugin6.Provider/${name}`;
  methods[path] = { load: async () => (await load()).methods[path] as Method };
}
// Written by the build: what GetProviderSchema answers.
const schema = join(dirname(fileURLToPath(import.meta.url)), "schema.bin");
if (existsSync(schema)) {
  methods["/tfplugin6.Provider/GetProviderSchema"] = { bytes: () => readFileSync(schema) };
}

void runPlugin(methods, {
  reattach: process.env.FAIRLEAD_REATTACH,
  close: async () => (await service)?.closeService(),
});
