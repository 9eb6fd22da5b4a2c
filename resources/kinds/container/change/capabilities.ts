// What of a container not every engine honours.
import {
  type Capability,
  driverAbility,
  optionsAbility,
  sinceApi,
} from "../../../plan/capability.ts";
import { placeOfSource } from "../../../plan/project-files.ts";
import { READ_ONLY_SOCKET } from "../../../wire.ts";
import type { ContainerSpec } from "../container.ts";

const once = (isAsked: boolean, ...place: (string | number)[]) => (isAsked ? [place] : []);

export const containerCapabilities: readonly Capability<ContainerSpec>[] = [
  {
    ...{ field: "annotations", use: "any", ability: sinceApi("1.43") },
    asked: (spec) => once(spec.annotations !== undefined, "annotations"),
  },
  {
    ...{ field: "healthcheck.startInterval", use: "any", ability: sinceApi("1.44") },
    asked: ({ healthcheck }) => {
      return once(healthcheck?.startInterval !== undefined, "healthcheck", "startInterval");
    },
  },
  {
    ...{ field: "mounts", use: "`subpath` of a volume", ability: sinceApi("1.45") },
    asked: ({ mounts = [] }) => {
      return mounts.flatMap((one, at) =>
        once(one.type === "volume" && one.subpath !== undefined, "mounts", at, "subpath"),
      );
    },
  },
  {
    ...{ field: "mounts", use: "`createHostPath` of a bind", ability: sinceApi("1.42") },
    asked: ({ mounts = [] }) => {
      return mounts.flatMap((one, at) =>
        once(one.type === "bind" && one.createHostPath === true, "mounts", at, "createHostPath"),
      );
    },
  },
  {
    ...{ field: "mounts", use: "a bind of files of the project's folder" },
    asked: ({ mounts = [] }) => {
      return mounts.flatMap((one, at) =>
        once(one.type === "bind" && placeOfSource(one.source) !== undefined, "mounts", at),
      );
    },
    ability: ({ can, engine }) =>
      can.takesProjectFiles
        ? "yes"
        : {
            no: `${engine} cannot be given files of the project's folder`,
            hint: "Copy them to the host and name their absolute path, or use fairlead's engine.",
          },
  },
  {
    ...{ field: "mounts", use: "a bind of the read-only socket" },
    asked: ({ mounts = [] }) => {
      return mounts.flatMap((one, at) =>
        once(one.type === "bind" && one.source === READ_ONLY_SOCKET, "mounts", at),
      );
    },
    ability: ({ can, engine }) =>
      can.givesReadOnlySocket
        ? "yes"
        : {
            no: `${engine} has no socket for reading alone`,
            hint: "Run a proxy that filters the engine's socket, or use fairlead's engine.",
          },
  },
  {
    ...{ field: "networks", use: "`macAddress` in a second one", ability: sinceApi("1.44") },
    asked: ({ networks = {} }) => {
      return Object.entries(networks)
        .slice(1)
        .flatMap(([name, one]) =>
          once(one.macAddress !== undefined, "networks", name, "macAddress"),
        );
    },
  },
  {
    ...{ field: "files", use: "together with `readOnly`" },
    asked: ({ files, readOnly }) => once(Boolean(files?.length && readOnly), "files"),
    ability: ({ can, engine }) =>
      can.filesAtCreation ? "yes" : { no: `cannot be put into a read-only container by ${engine}` },
  },
  {
    ...{ field: "labels", use: "an edit" },
    asked: () => [],
    ability: ({ can }) => (can.editsLabels ? "yes" : { lossy: "replaces the container" }),
  },
  {
    ...{ field: "logging.driver", use: "one that the host lacks" },
    asked: ({ logging }) => once(logging?.driver !== undefined, "logging", "driver"),
    ability: ({ drivers }, spec) => driverAbility("log", drivers?.logs, spec?.logging?.driver),
  },
  {
    ...{ field: "logging.options", use: "one that its driver does not take" },
    asked: ({ logging }) => once(logging?.options !== undefined, "logging", "options"),
    ability: ({ drivers }, spec) => {
      const { driver = "json-file", options = {} } = spec?.logging ?? {};
      return optionsAbility("log", drivers?.logs, driver, Object.keys(options));
    },
  },
];
