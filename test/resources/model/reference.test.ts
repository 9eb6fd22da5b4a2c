import { describe, expect, test } from "vitest";
import {
  familiarReference,
  normalizeReference,
  parseReference,
} from "../../../resources/model/reference.ts";

const HEX = "0123456789abcdef".repeat(4);

describe("an image reference", () => {
  test.each([
    ["nginx", "docker.io/library/nginx:latest"],
    ["nginx:1.27", "docker.io/library/nginx:1.27"],
    ["app/web", "docker.io/app/web:latest"],
    ["docker.io/nginx", "docker.io/library/nginx:latest"],
    ["index.docker.io/library/nginx", "docker.io/library/nginx:latest"],
    ["localhost/app", "localhost/app:latest"],
    ["localhost:5000/app:v1", "localhost:5000/app:v1"],
    ["registry.example.com/a/b/c:V-1.2_3", "registry.example.com/a/b/c:V-1.2_3"],
    ["[2001:db8::1]:5000/app", "[2001:db8::1]:5000/app:latest"],
    ["Host/app", "Host/app:latest"],
    ["a__b/c.d-e--f", "docker.io/a__b/c.d-e--f:latest"],
    [`nginx@sha256:${HEX}`, `docker.io/library/nginx@sha256:${HEX}`],
    [`nginx:1@sha256:${HEX}`, `docker.io/library/nginx:1@sha256:${HEX}`],
  ])("%s is %s", (text, full) => {
    expect(normalizeReference(text)).toBe(full);
    expect(normalizeReference(familiarReference(parseReference(text)))).toBe(full);
  });

  test.each([
    "",
    "Nginx",
    "nginx:",
    ":tag",
    "nginx:-x",
    "a///b",
    "a..b",
    "a___b",
    "-a",
    "https://example.com/a",
    "nginx@sha256:12",
    `nginx@md5:${HEX}`,
    HEX,
    "a b",
    "a;rm -rf /",
    "\u001b[31mred",
    `a/${"b".repeat(256)}`,
    "x".repeat(5000),
  ])("%j is refused", (text) => {
    expect(() => parseReference(text)).toThrow(/is not an image reference/);
  });

  test("Docker Hub's official images are shown short", () => {
    expect(familiarReference(parseReference("docker.io/library/nginx"))).toBe("nginx:latest");
    expect(familiarReference(parseReference("quay.io/a/b:1"))).toBe("quay.io/a/b:1");
  });
});
