import { describe, expect, test } from "vitest";
import { layoutOf } from "../../../../providers/engine/bootstrap/layout.ts";
import {
  spaceFile,
  supervisorFile,
  unitFile,
  unitPath,
} from "../../../../providers/engine/bootstrap/service.ts";
import { userLayout } from "../../../../providers/engine/bootstrap/user-layout.ts";
import { Hosts } from "../../../../providers/engine/hosts/hosts.ts";
import { LocalTransport } from "../../../../providers/engine/local/local.ts";
import type { HostSpec } from "../../../../resources/kinds/host/host.ts";

/** A host whose shell says these lines. */
function hostThatSays(lines: string): LocalTransport {
  const local = new LocalTransport();
  const stdout = `Welcome!\nrun=/evil\n\nfairlead-user-begin\n${lines}\nfairlead-user-end\n`;
  local.exec = async () => ({ code: 0, stdout, stderr: "" });
  return local;
}

const KEPT = "uid=1000\nhome=/home/d\nruntime=/run/user/1000\nrun=/run/user/1000/fairlead";

describe("an agent without root", () => {
  test("is in the user's home, and kept by systemd where that lasts", async () => {
    const layout = await userLayout(hostThatSays(`${KEPT}\ninit=systemd\nsystemd=yes`), {});
    expect(layout).toMatchObject({
      prefix: "/home/d/.local/share/fairlead/bundle",
      root: "/home/d/.local/share/fairlead/state/fairlead",
      socket: "/run/user/1000/fairlead/agent.sock",
      user: { manager: true, lingers: false, runtime: "/run/user/1000" },
    });
    expect(unitPath(layout)).toBe("/home/d/.config/systemd/user/fairlead.service");
    expect(unitFile(layout)).toMatch(
      /Wants=fairlead-space.service\n[\s\S]*WantedBy=default.target/,
    );
    expect(spaceFile(layout)).toMatch(
      /rootless hold --run \/run\/user\/1000\/fairlead\nDelegate=yes/,
    );
  });

  test("is supervised elsewhere; a folder of /tmp must be the user's own", async () => {
    const said = KEPT.replace("run=/run/user/1000/fairlead", "run=/tmp/fairlead-1000/fairlead");
    const layout = await userLayout(hostThatSays(`${said}\ninit=other`), {});
    expect(supervisorFile(layout)).toContain("[ -O /tmp/fairlead-1000 ]");
    expect(supervisorFile(layoutOf({}))).not.toContain("[ -O");
    const stolen = hostThatSays(`${said}\ninit=other\nforeign=/tmp/fairlead-1000`);
    await expect(userLayout(stolen, {})).rejects.toMatchObject({ code: "forbidden" });
  });

  test("is refused to root, to paths that a unit could misread, and beside sudo", async () => {
    const root = hostThatSays(KEPT.replace("uid=1000", "uid=0"));
    await expect(userLayout(root, {})).rejects.toThrow(/the user is root/);
    const odd = hostThatSays(KEPT.replace("home=/home/d", "home=/home/d e"));
    await expect(userLayout(odd, {})).rejects.toThrow(/not a plain absolute path/);
    await expect(userLayout(hostThatSays("uid="), {})).rejects.toMatchObject({ code: "invalid" });
    const hosts = new Hosts({ configFiles: [] });
    const both: HostSpec[] = [
      { host: "local", rootless: true, become: true },
      { host: "local", rootless: true, becomePassword: "x" },
      { host: "local", rootless: true, engine: "docker" },
    ];
    for (const spec of both) {
      await expect(hosts.connectReadOnly("h", spec)).rejects.toThrow(/exclude each other/);
    }
  });
});
