// ComposeStack: a Compose file as one child per service, network and volume, made by the plugin for
// every language.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Unknown } from "../../../providers/pulumi/value.ts";
import { DockerHost, doing, whyNoDockerd } from "./docker-host.ts";

const why = whyNoDockerd();
if (why) console.log(`skipped: ${why}`);

const SECRET = "correct-horse-battery-staple";

describe.skipIf(why !== undefined)("a ComposeStack", { timeout: 600_000 }, () => {
  const host = new DockerHost();
  const { engine } = host;
  beforeAll(() => host.start());
  afterAll(() => host.stop());

  const file = (more = "") => `
name: shop
services:
  migrate:
    image: fairlead/app:1
    command: [sh, -c, "echo done > /data/migrated"]
    volumes: ["data:/data"]
  web:
    image: fairlead/app:1
    init: true
    stop_grace_period: 1s
    command: [sh, -c, "cat /data/migrated && exec httpd -f -p 80 -h /srv"]
    depends_on: { migrate: { condition: service_completed_successfully } }
    environment: { TOKEN: "\${TOKEN}", MODE: "\${MODE:-a}" }
    volumes: ["data:/data"]
    networks: { back: { aliases: [site] } }
    ports: ["127.0.0.1:18090:80"]
    configs: [page]
${more}
configs: { page: { file: ./page.html } }
networks: { back: {} }
volumes: { data: {} }
`;
  const write = (name: string, text: string) =>
    writeFileSync(join(host.program.folder, name), text);
  const stack = (more = "") => `
const stack = new fairlead.ComposeStack("shop", { host, files: ["compose.yaml"],
  removeData: true, environment: { TOKEN: pulumi.secret("${SECRET}"), ${more} } },
  { dependsOn: image });
exports.project = stack.project; exports.urls = stack.urls; exports.containers = stack.containers;`;
  const up = async (text: string) => {
    const outcome = await engine.up(host.says(text));
    expect(outcome.errors).toEqual([]);
    return outcome;
  };

  const CHILDREN = [
    ...["create Container shop-migrate", "create Container shop-web"],
    ...["create Network shop-back", "create Network shop-default", "create Volume shop-data"],
  ];

  test("shows its children in a preview, in the order in which they are made", async () => {
    write("compose.yaml", file());
    write("page.html", "one");
    await up("");
    const { errors, steps, exports } = await engine.preview(host.says(stack()));
    expect(errors).toEqual([]);
    expect(doing(steps)).toEqual(CHILDREN);
    expect(steps.indexOf("create Container shop-migrate")).toBeLessThan(
      steps.indexOf("create Container shop-web"),
    );
    expect(exports.urls).toEqual({ web: "http://localhost:18090" });
    expect(exports.containers).toBeInstanceOf(Unknown);
  });

  test("says what it cannot know before a variable is known", async () => {
    const later = "PORT: host.version.apply((one) => one)";
    write("compose.yaml", file().replace("18090:80", "$PORT:80"));
    engine.resources.clear();
    const { errors, log, exports } = await engine.preview(host.says(stack(later)));
    expect(errors).toEqual([]);
    expect(log).toContain("when all its variables are known");
    expect(exports.urls).toBeInstanceOf(Unknown);
    write("compose.yaml", file());
    await up("");
  });

  test("is brought up after its jobs, and then is all the same", async () => {
    const { exports, log } = await up(stack());
    expect(exports.project).toBe("shop");
    expect(log).not.toContain(SECRET);
    expect((await host.names()).sort()).toEqual(
      ["shop-migrate-1", "shop-web-1", "shop_back", "shop_default", "shop_data"].sort(),
    );
    expect(engine.of("shop-migrate").outputs.status).toBe("completed");
    const { urn } = engine.of("shop-web");
    expect(urn).toContain("fairlead:index:ComposeStack$fairlead:index:Container::shop-web");
    const shown = JSON.parse(await host.docker.docker("inspect", "shop-web-1"))[0];
    expect(shown.Config.Env).toContain(`TOKEN=${SECRET}`);
    expect(doing((await up(stack())).steps)).toEqual([]);
  });

  test("shows an edit at the child and the property", async () => {
    const edited = 'MODE: "b"';
    const preview = await engine.preview(host.says(stack(edited)));
    expect(preview.diffs["shop-web"]?.detail).toEqual({ "env.MODE": "update" });
    expect(preview.diffs["shop-data"]?.detail).toEqual({});
    await up(stack(edited));
  });

  test("sees that a file that it gives to a container has changed", async () => {
    const text = stack('MODE: "b"');
    write("page.html", "two");
    const { diffs } = await up(text);
    expect(diffs["shop-web"]?.detail).toEqual({ files: "update" });
    expect(await host.docker.docker("exec", "shop-web-1", "cat", "/page")).toBe("two");
    expect(doing((await up(text)).steps)).toEqual([]);
  });

  test("makes a network anew under its name, with its containers on it", async () => {
    const text = stack('MODE: "b"');
    write("compose.yaml", file().replace("back: {} }", "back: { internal: true } }"));
    const { steps } = await up(text);
    expect(doing(steps)).toEqual(["update Network shop-back"]);
    expect((await engine.refresh()).diffs["shop-web"]?.detail).toEqual({});
  });

  test("takes away what the file no longer has, and everything at last", async () => {
    write("compose.yaml", file("  other: { image: 'fairlead/app:1', init: true }"));
    await up(stack('MODE: "b"'));
    write("compose.yaml", file());
    expect(doing((await up(stack('MODE: "b"'))).steps)).toContain("delete Container shop-other");
    expect((await engine.destroy()).errors).toEqual([]);
    expect(await host.names()).toEqual([]);
  });

  test("tells everything that is wrong with the file and its inputs", async () => {
    write("compose.yaml", file("  bad: { imag: x }"));
    expect((await engine.up(host.says(stack()))).errors.join()).toContain("compose.yaml:");
    write("compose.yaml", file().replace("_successfully }", "_successfully, restart: true }"));
    const restart = await engine.up(host.says(stack()));
    expect(restart.errors.join()).toContain("depends_on.migrate.restart");
    const wrong = 'new fairlead.ComposeStack("x", { files: "compose.yaml", colour: "red" });';
    const { errors } = await engine.up(host.says(wrong));
    expect(errors.join()).toMatch(/colour: there is no such input\s+files: must be a list/);
    await engine.destroy();
  });

  test("makes a child of every host that the file names", async () => {
    write(
      "compose.yaml",
      `x-fairlead: { hosts: { one: ssh://root@203.0.113.1, two: ssh://root@203.0.113.2 } }
services: { web: { image: "app:1", deploy: { mode: global } } }`,
    );
    engine.resources.clear();
    const program = host.program.says('new fairlead.ComposeStack("far", {});');
    const { errors, steps } = await engine.preview(program);
    expect(errors).toEqual([]);
    expect(doing(steps)).toEqual([
      ...["create Container far-web", "create Container far-web-2"],
      ...["create Host far-one", "create Host far-two"],
      ...["create Network far-one-default", "create Network far-two-default"],
    ]);
  });
});
