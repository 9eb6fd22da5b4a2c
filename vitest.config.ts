// The test runner's settings. Suites that need root, the native parts or whole hosts live beside
// the unit suites and say why when they skip.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
    // Hosts, daemons and kernels at work on a shared machine: a test that fails once is tried
    // again, and the report shows that it was.
    retry: process.env.CI ? 2 : 0,
  },
});
