import { defineConfig } from "vitest/config";

// Suites that need root, the native parts or whole hosts live beside the unit suites; each one
// says in its first line why it skips where it cannot run. Real hosts are few, so files run in turn.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
  },
});
