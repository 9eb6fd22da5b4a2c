import { expect, test } from "vitest";
import { codeOf, type ErrorCode, statusOf } from "../../../resources/model/errors.ts";

test("every code survives the way over HTTP and back", () => {
  const codes: ErrorCode[] = [
    "invalid",
    "forbidden",
    "not_found",
    "conflict",
    "not_modified",
    "unsupported",
    "unavailable",
    "internal",
  ];
  for (const code of codes) expect(codeOf(statusOf(code))).toBe(code);
});

test("an unknown client error is invalid, an unknown server error internal", () => {
  expect(codeOf(418)).toBe("invalid");
  expect(codeOf(401)).toBe("forbidden");
  expect(codeOf(502)).toBe("internal");
});
