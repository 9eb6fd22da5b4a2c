// The reference against the same scenarios, so that what they expect is what Docker does.
import { describe } from "vitest";
import { dockerdMissing, startDockerd } from "./engines.ts";
import { conform } from "./suite.ts";

describe("dockerd", () => {
  conform({ name: "dockerd", missing: dockerdMissing(), start: startDockerd });
});
