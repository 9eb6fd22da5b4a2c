import { describe, expect, test } from "vitest";
import { wantedMounts } from "../../../../../agent/objects/container/create/mounts.ts";

const none = () => [];
const only = (host: object, config: object = {}) => {
  const mounts = wantedMounts(config, host, none);
  expect(mounts).toHaveLength(1);
  return mounts[0];
};

describe("the mounts of a request", () => {
  const cases = [
    {
      title: "a bind that makes its source",
      host: { Binds: ["/a/../b//c:/m:ro,rslave"] },
      expected: {
        type: "bind",
        source: "/b/c",
        target: "/m",
        readOnly: true,
        readOnlyBelow: "try",
        propagation: "rslave",
        createSource: true,
      },
    },
    {
      title: "a named volume that is filled",
      host: { Binds: ["data:/m"] },
      expected: { type: "volume", name: "data", copyUp: true, readOnly: false, anonymous: false },
    },
    {
      title: "a volume that is not filled",
      host: { Binds: ["data:/m:nocopy"] },
      expected: { type: "volume", copyUp: false },
    },
    {
      title: "an anonymous volume",
      host: { Mounts: [{ Type: "volume", Target: "/m" }] },
      expected: { type: "volume", name: "", anonymous: true },
    },
    {
      title: "a bind by --mount, which needs its source",
      host: { Mounts: [{ Type: "bind", Source: "/s", Target: "/m" }] },
      expected: { type: "bind", createSource: false, recursive: true, propagation: "rprivate" },
    },
    {
      title: "a part of a volume, which is not filled",
      host: {
        Mounts: [{ Type: "volume", Source: "v", Target: "/m", VolumeOptions: { Subpath: "a/b" } }],
      },
      expected: { subpath: "a/b", copyUp: false },
    },
    {
      title: "a tmpfs",
      host: {
        Mounts: [{ Type: "tmpfs", Target: "/m", TmpfsOptions: { SizeBytes: 1024, Mode: 0o700 } }],
      },
      expected: { type: "tmpfs", tmpfsOptions: ["size=1024", "mode=700"] },
    },
  ];
  test.each(cases)("can have $title", ({ host, expected }) => {
    expect(only(host)).toMatchObject({ target: "/m", ...expected });
  });

  const refused: [title: string, host: object, message: string][] = [
    ["a relative target", { Binds: ["/a:b"] }, "mount path must be absolute"],
    ["the root as target", { Binds: ["/a:/x/.."] }, "destination can't be '/'"],
    ["a wrong volume name", { Binds: ["a b:/m"] }, "invalid characters"],
    ["a name that climbs", { Binds: ["../x:/m"] }, "invalid characters"],
    ["an unknown option", { Binds: ["/a:/m:nope"] }, "invalid mode: nope"],
    ["two at one place", { Binds: ["/a:/m"], Tmpfs: { "/m/": "" } }, "Duplicate mount point: /m"],
    [
      "a wrong tmpfs option",
      { Tmpfs: { "/m": "size=1m,exec,lower=/etc" } },
      "invalid tmpfs option",
    ],
    [
      "a subpath that climbs",
      {
        Mounts: [{ Type: "volume", Source: "v", Target: "/m", VolumeOptions: { Subpath: "../x" } }],
      },
      "not a path inside the volume",
    ],
    ["an unknown type", { Mounts: [{ Type: "npipe", Target: "/m" }] }, "mount type"],
    ["a NUL", { Binds: ["/a:/m\0x"] }, "mount path must be absolute"],
  ];
  test.each(refused)("cannot have %s", (_, host, message) => {
    expect(() => wantedMounts({}, host, none)).toThrow(message);
  });

  test("come from another container and the image, behind the explicit ones", () => {
    const other = [
      only({ Binds: ["shared:/data"] }),
      only({ Binds: ["/host:/b"] }),
      only({ Tmpfs: { "/t": "" } }),
    ];
    const mounts = wantedMounts(
      { Volumes: { "/data": {}, "/own": {} } },
      { Binds: ["mine:/b"], VolumesFrom: ["other:ro"] },
      (reference) => (reference === "other" ? (other as never) : []),
    );
    expect(mounts.map(({ target, name, readOnly }) => [target, name, readOnly])).toEqual([
      ["/b", "mine", false],
      ["/data", "shared", true],
      ["/own", "", false],
    ]);
  });
});
