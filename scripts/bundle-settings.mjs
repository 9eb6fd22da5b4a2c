// What the bundles of the client's side have in common: how esbuild is to write modules, and what
// of a large package is left out.
import { readFileSync } from "node:fs";

const { version } = JSON.parse(readFileSync("package.json", "utf8"));

/** For CommonJS as for modules. Nothing that is written depends on the machine. */
export const common = {
  bundle: true,
  platform: "node",
  target: "node20",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  logLevel: "warning",
  define: { FAIRLEAD_VERSION: JSON.stringify(version) },
};

// The index of undici also loads fetch, WebSocket, caches and mocks; we use its pool of connections
// alone, and every start of a command would pay for the rest.
const undiciPool = {
  name: "undici-pool",
  setup(builder) {
    builder.onResolve({ filter: /^undici$/ }, ({ resolveDir }) => ({
      path: "undici",
      namespace: "undici-pool",
      pluginData: resolveDir,
    }));
    builder.onLoad({ filter: /./, namespace: "undici-pool" }, ({ pluginData: resolveDir }) => ({
      contents: [
        'Object.assign(require("undici/lib/dispatcher/dispatcher").prototype,',
        '  require("undici/lib/api"));',
        'exports.Pool = require("undici/lib/dispatcher/pool");',
      ].join("\n"),
      resolveDir,
    }));
  },
};

/** For modules that open connections to hosts. */
export const connecting = {
  ...common,
  format: "esm",
  keepNames: true,
  // ssh2 takes these when they are there; its own code serves without.
  external: ["*.node", "cpu-features"],
  // Packages in CommonJS look for require and their folder, which modules lack.
  banner: {
    js: [
      'import { createRequire as requireFrom } from "node:module";',
      "const require = requireFrom(import.meta.url), __dirname = import.meta.dirname;",
    ].join("\n"),
  },
  plugins: [undiciPool],
};
