// The functions of the package: what they see on a host, and what is wrong with their arguments.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { opened, type PulumiObject } from "../../../providers/pulumi/value.ts";
import { DockerHost, whyNoDockerd } from "./docker-host.ts";

const why = whyNoDockerd();
if (why) console.log(`skipped: ${why}`);

describe.skipIf(why !== undefined)("a function", { timeout: 600_000 }, () => {
  const host = new DockerHost();
  beforeAll(() => host.start());
  afterAll(() => host.stop());

  test("sees the host, its containers, an image, and a log", async () => {
    const { errors, exports: sealed } = await host.engine.up(
      host.says(`
const web = new fairlead.Container("web", { ...quick, name: "web", labels: { tier: "a" },
  settle: "1s", command: ["sh", "-c", "echo one; echo two; echo three; sleep 600"] });
const other = new fairlead.Container("other", { ...quick, name: "other" });
const options = { dependsOn: [web, other] };
exports.host = fairlead.getHostOutput({ host });
exports.container = fairlead.getContainerOutput({ host, name: web.name }, options);
exports.containers = fairlead.getContainersOutput({ host, labels: { tier: "a" } }, options);
exports.image = fairlead.getImageOutput({ host, name: image.name });
exports.same = pulumi.all([exports.image, image.ref]).apply(([seen, ref]) => seen.ref === ref);
exports.logs = fairlead.getContainerLogsOutput({ host, name: web.name, tail: 2 }, options);`),
    );
    expect(errors).toEqual([]);
    // What is asked for with a connection, which is secret, is secret too.
    const exports = opened(sealed) as PulumiObject;
    expect(exports.host).toMatchObject({ address: "local", engine: "docker" });
    expect(exports.container).toMatchObject({ name: "web", status: "running" });
    const { containers } = exports.containers as { containers: object[] };
    expect(containers).toMatchObject([{ name: "web", status: "running" }]);
    expect(exports.same).toBe(true);
    expect(exports.logs).toMatchObject({ logs: "two\nthree\n" });
  });

  test("says what there is not, and what is wrong", async () => {
    const errorOf = async (text: string) => {
      const { errors, log } = await host.engine.preview(host.program.says(text));
      return errors.join() + log;
    };
    const socket = host.docker.socket;
    const place = `host: "unix://${socket}"`;
    expect(
      await errorOf(`exports.x = fairlead.getContainer({ ${place}, name: "nobody" });`),
    ).toContain("there is no container nobody");
    expect(await errorOf(`exports.x = fairlead.getImage({ ${place}, colour: "red" });`)).toMatch(
      /name[\s\S]*is required|is required[\s\S]*name/,
    );
    await host.engine.destroy();
  });
});
