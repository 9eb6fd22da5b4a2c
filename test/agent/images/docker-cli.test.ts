// The docker command itself against our image routes: what people type must work.
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dockerArchive, makeImage, ociLayout, pushImage, tarOf } from "./make-image.ts";
import { registryMissing, startRegistry, type TestRegistry } from "./registry.ts";
import { dockerMissing, type Served, serve } from "./serve.ts";

const missing = dockerMissing() ?? registryMissing();

describe.skipIf(missing !== undefined)(`docker and images (skipped: ${missing ?? "no"})`, () => {
  let served: Served;
  let registry: TestRegistry;
  let uses: { imageId: string; container: string; running: boolean }[] = [];
  const docker = (...argv: string[]) => served.docker(...argv);
  beforeAll(async () => {
    served = await serve();
    registry = await startRegistry();
    served.images.setUsage(() => uses);
  });
  afterAll(async () => {
    await registry.stop();
    await served.stop();
  });

  it("pulls, lists, inspects, tags and removes", async () => {
    const image = await makeImage({
      config: { Labels: { team: "x" }, ExposedPorts: { "80/tcp": {} } },
    });
    await pushImage(registry.url, "app", "1", image);
    const name = `${registry.host}/app:1`;
    expect(await docker("pull", name)).toContain(`Status: Downloaded newer image for ${name}`);
    expect(await docker("pull", "-q", name)).toBe(`${name}\n`);
    const rows = await docker(
      "images",
      "--no-trunc",
      "--format",
      "{{.Repository}} {{.Tag}} {{.ID}}",
    );
    expect(rows).toBe(`${registry.host}/app 1 ${image.id}\n`);
    const [seen] = JSON.parse(await docker("inspect", name));
    expect(seen.Id).toBe(image.id);
    expect(seen.Config.Cmd).toEqual(["sh"]);
    expect(seen.RepoDigests).toEqual([`${registry.host}/app@${image.manifest.digest}`]);
    expect(seen.RootFS.Layers).toEqual(image.diffs.map(({ digest }) => digest));
    expect(await docker("history", "--format", "{{.CreatedBy}} {{.Size}}", name)).toMatch(
      /layer 1 /,
    );
    await docker("tag", image.id.slice(7, 19), "other/name:2");
    await docker("tag", name, "short");
    expect(await docker("images", "-q", "--filter", "reference=other/*:2")).toContain(
      image.id.slice(7, 19),
    );
    expect(await docker("images", "-q", "--filter", "label=team=y")).toBe("");
    expect(await docker("images", "-q", "--filter", "label=team=x", "short")).not.toBe("");
    await expect(docker("rmi", image.id)).rejects.toThrow(/referenced in multiple repositories/);
    expect(await docker("rmi", "other/name:2")).toBe("Untagged: other/name:2\n");
    expect(await docker("rmi", "short")).toBe("Untagged: short:latest\n");
    const removed = await docker("rmi", name);
    expect(removed).toContain(`Untagged: ${name}\n`);
    expect(removed).toContain(`Untagged: ${registry.host}/app@`);
    expect(removed).toContain(`Deleted: ${image.id}`);
    expect(removed).toContain(`Deleted: ${image.diffs[0]?.digest}`);
    expect(await docker("images", "-aq")).toBe("");
    expect(await served.images.content.blobs.list()).toEqual([]);
    const actions = served.events.past().map(({ action }) => action);
    expect(new Set(actions)).toEqual(new Set(["pull", "tag", "untag", "delete"]));
  });

  it("keeps what a container uses, and gives it up afterwards", async () => {
    const image = await makeImage({ layers: [[{ name: "used" }]] });
    await pushImage(registry.url, "used", "1", image);
    const name = `${registry.host}/used:1`;
    await docker("pull", "-q", name);
    uses = [{ imageId: image.id, container: "c".repeat(64), running: true }];
    await expect(docker("rmi", name)).rejects.toThrow(/\(must force\) - container cccccccccccc/);
    await expect(docker("rmi", "-f", image.id)).rejects.toThrow(/cannot be forced/);
    uses = [{ imageId: image.id, container: "c".repeat(64), running: false }];
    await expect(docker("rmi", image.id)).rejects.toThrow(/must be forced.*stopped container/);
    expect(await docker("rmi", "-f", image.id)).toContain(`Deleted: ${image.id}`);
    expect(await docker("images", "-q")).toBe("");
    const kept = await served.images.find(image.id);
    expect(existsSync(join(kept?.layers[0] ?? "", "used"))).toBe(true);
    uses = [];
    await served.images.release();
    expect(await served.images.find(image.id)).toBeUndefined();
    expect(existsSync(kept?.layers[0] ?? "")).toBe(false);
  });

  it("loads, saves and imports", async () => {
    const image = await makeImage({ name: "tiny:1" });
    const path = (name: string) => join(served.root, name);
    await writeFile(path("docker.tar"), await dockerArchive([image]));
    expect(await docker("load", "-i", path("docker.tar"))).toBe("Loaded image: tiny:1\n");
    await docker("tag", "tiny:1", "tiny:2");
    await docker("save", "-o", path("saved.tar"), "tiny");
    await docker("rmi", "tiny:1", "tiny:2");
    const loaded = await docker("load", "-q", "-i", path("saved.tar"));
    expect(loaded.split("\n").sort()).toEqual(["", "Loaded image: tiny:1", "Loaded image: tiny:2"]);
    await writeFile(path("oci.tar"), await ociLayout([await makeImage({ name: "oci:1" })]));
    expect(await docker("load", "-i", path("oci.tar"))).toBe("Loaded image: oci:1\n");
    await writeFile(path("root.tar"), await tarOf([{ name: "hello", content: "world" }]));
    const id = await docker(
      "import",
      "-c",
      'CMD ["/hello"]',
      "-m",
      "why",
      path("root.tar"),
      "im:1",
    );
    const [seen] = JSON.parse(await docker("inspect", "im:1"));
    expect([seen.Id, seen.Config.Cmd, seen.Comment]).toEqual([id.trim(), ["/hello"], "why"]);
    await expect(docker("load", "-i", path("root.tar"))).rejects.toThrow(/holds no image/);
    const saved = await readFile(path("saved.tar"));
    await writeFile(path("cut.tar"), saved.subarray(0, saved.length / 2));
    await expect(docker("load", "-i", path("cut.tar"))).rejects.toThrow(/damaged or was cut off/);
  });

  it("prunes dangling images, and all with -a", async () => {
    const images = await Promise.all(
      ["a", "b"].map((file) => makeImage({ name: "p:1", layers: [[{ name: file }]] })),
    );
    for (const [at, image] of images.entries()) {
      await writeFile(join(served.root, `${at}.tar`), await dockerArchive([image]));
      await docker("load", "-q", "-i", join(served.root, `${at}.tar`));
    }
    expect(await docker("images", "-q", "--filter", "dangling=true")).not.toBe("");
    expect(await docker("image", "prune", "-f")).toContain(`deleted: ${images[0]?.id}`);
    await docker("image", "prune", "-af");
    expect(await docker("images", "-q")).toBe("");
    expect(await docker("system", "df")).toMatch(/Images\s+0\s+0\s+0B/);
  });

  it("logs in where the registry takes the credentials, and keeps none of them", async () => {
    const right = `Basic ${Buffer.from("me:pass").toString("base64")}`;
    const server = createServer((request, response) => {
      const { authorization, host } = request.headers;
      if (request.url?.startsWith("/token")) {
        expect(request.url).not.toContain("scope");
        response.statusCode = authorization === right ? 200 : 401;
        response.end('{"token":"t"}');
      } else if (authorization === "Bearer t") response.end("{}");
      else {
        const challenge = `Bearer realm="http://${host}/token",service="s"`;
        response.writeHead(401, { "www-authenticate": challenge }).end();
      }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
      const login = (password: string) => docker("login", "-u", "me", "-p", password, host);
      await expect(login("wrong")).rejects.toThrow(`${host} refused the login`);
      expect(await login("pass")).toContain("Login Succeeded");
      await docker("logout", host);
      await expect(docker("login", "-u", "a", "-p", "b", "a b")).rejects.toThrow(/not a registry/);
    } finally {
      server.close();
    }
  });

  it("says clearly what it does not do and what is not there", async () => {
    await expect(docker("search", "x")).rejects.toThrow(/cannot search registries/);
    await expect(docker("rmi", "nothing")).rejects.toThrow(/No such image: nothing:latest/);
    await expect(docker("pull", "team/UPPER")).rejects.toThrow(/lowercase/);
    await expect(docker("pull", `${registry.host}/none:1`)).rejects.toThrow(/is not known at/);
    await expect(docker("images", "--filter", "color=red")).rejects.toThrow(/invalid filter/);
    const image = await makeImage({ name: "push:1", layers: [[{ name: "x" }]] });
    await writeFile(join(served.root, "push.tar"), await dockerArchive([image]));
    await docker("load", "-q", "-i", join(served.root, "push.tar"));
    await expect(docker("push", "push:1")).rejects.toThrow(/does not push images/);
  });
});
