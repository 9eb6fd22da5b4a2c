import { describe, expect, test } from "vitest";
import type { EngineRequest } from "../../../../providers/engine/docker-api/client.ts";
import { imageVerbs } from "../../../../providers/engine/docker-api/images.ts";
import {
  blobOf,
  imageOf,
  type LocalImage,
  MEDIA_TYPES,
} from "../../../../providers/engine/image-source/source.ts";
import { FairleadError } from "../../../../resources/model/errors.ts";
import { FakeClient } from "../fake-client.ts";

const layer = (size: number, fill: string) => blobOf(Buffer.alloc(size, fill), MEDIA_TYPES.layer);
const image: LocalImage = imageOf(Buffer.from("{}"), [layer(2_000_000, "a"), layer(10, "b")]);
const [big, small] = image.layers as [LocalImage["config"], LocalImage["config"]];
const quiet = () => {};

function host(missing: string[], more: Record<string, unknown> = {}) {
  let made = false;
  return new FakeClient({
    "POST /fairlead/blobs/missing": { missing },
    "POST /fairlead/images": () => {
      made = true;
      return '{"status":"Image made"}\n';
    },
    "GET /images/app:1/json": () => {
      if (made) return { Id: image.id };
      throw new FairleadError("not_found", "no such image");
    },
    ...more,
  });
}

describe("the delivery of an image", () => {
  test("sends only what is missing, and makes the image", async () => {
    const sent: Buffer[] = [];
    const engine = host([small.digest], {
      [`PUT /fairlead/blobs/${small.digest}`]: (_request: unknown, body: Buffer) => {
        sent.push(body);
      },
    });
    engine.answers[`PUT /fairlead/blobs/${small.digest}`] = (_: EngineRequest, body: Buffer) => {
      sent.push(body);
      return {};
    };
    await imageVerbs(engine).deliver("app:1", image, quiet);
    expect(sent).toEqual([Buffer.alloc(10, "b")]);
    expect(engine.asked.filter((one) => one.startsWith("PUT"))).toHaveLength(1);
  });

  test("goes on where a cut line left it", async () => {
    let received = 0;
    const ranges: (string | undefined)[] = [];
    const engine = host([big.digest], {
      [`HEAD /fairlead/blobs/${big.digest}`]: () => {
        if (received > 0) return { status: 206, headers: { "content-length": String(received) } };
        throw new FairleadError("not_found", "no such blob");
      },
      [`PUT /fairlead/blobs/${big.digest}`]: ({ headers }: EngineRequest, body: Buffer) => {
        ranges.push(headers?.["content-range"]);
        if (received > 0) {
          received += body.length;
          return {};
        }
        received = 500_000;
        throw new FairleadError("unavailable", "the line broke");
      },
    });
    await imageVerbs(engine).deliver("app:1", image, quiet);
    expect(ranges).toEqual([undefined, "bytes 500000-1999999/2000000"]);
    expect(received).toBe(2_000_000);
  });

  test("waits for another client that sends the same blob", async () => {
    let asked = 0;
    const engine = host([big.digest], {
      [`HEAD /fairlead/blobs/${big.digest}`]: () => {
        asked += 1;
        const length = String(Math.min(asked * 400_000, 2_000_000));
        return { status: asked > 5 ? 200 : 206, headers: { "content-length": length } };
      },
      [`PUT /fairlead/blobs/${big.digest}`]: () => {
        throw new FairleadError("unavailable", "is being written by another request");
      },
    });
    await imageVerbs(engine).deliver("app:1", image, quiet);
    expect(asked).toBe(6);
  });

  test("only names an image that the host has already", async () => {
    const engine = new FakeClient({
      [`GET /images/${image.id}/json`]: { Id: image.id },
      [`POST /images/${image.id}/tag`]: ({ query }: EngineRequest) => {
        expect(query).toEqual({ repo: "docker.io/library/app", tag: "1" });
        return {};
      },
    });
    await imageVerbs(engine).deliver("app:1", image, quiet);
    expect(engine.asked).toHaveLength(2);
  });

  test("fails when something else arrived, or the host refuses it for good", async () => {
    const other = host([], { "GET /images/app:1/json": { Id: "sha256:other" } });
    await expect(imageVerbs(other).deliver("app:1", image, quiet)).rejects.toThrow(
      /arrived as sha256:other/,
    );
    const full = host([small.digest], {
      [`PUT /fairlead/blobs/${small.digest}`]: () => {
        throw new FairleadError("internal", "the disk is full");
      },
    });
    await expect(imageVerbs(full).deliver("app:1", image, quiet)).rejects.toThrow(/disk is full/);
  });
});

describe("a pull", () => {
  test("names repository and tag or digest, and reports layers", async () => {
    const asked: unknown[] = [];
    const engine = new FakeClient({
      "POST /images/create": ({ query }: EngineRequest) => {
        asked.push(query);
        return '{"id":"abc","status":"Downloading","progressDetail":{"current":1,"total":2}}\n';
      },
    });
    const seen: unknown[] = [];
    await imageVerbs(engine).pull("quay.io/a/b:1", "linux/arm64", (...step) => seen.push(step));
    expect(asked).toEqual([{ fromImage: "quay.io/a/b", tag: "1", platform: "linux/arm64" }]);
    expect(seen).toEqual([["abc", "Downloading", 1, 2]]);
  });

  test("that fails in the middle throws what the engine says", async () => {
    const line = '{"errorDetail":{"message":"manifest unknown"},"error":"manifest unknown"}\n';
    const engine = new FakeClient({ "POST /images/create": line });
    await expect(imageVerbs(engine).pull("a/b", undefined, quiet)).rejects.toThrow(
      /manifest unknown/,
    );
  });

  test("asks the registry for a tag's digest, and not for a pinned one", async () => {
    const digest = `sha256:${"0".repeat(64)}`;
    const engine = new FakeClient({
      "GET /distribution/a/b:1/json": { Descriptor: { digest } },
    });
    expect(await imageVerbs(engine).registryDigest("a/b:1")).toBe(digest);
    expect(await imageVerbs(engine).registryDigest(`a/b@${digest}`)).toBe(digest);
    expect(engine.asked).toHaveLength(1);
  });
});
