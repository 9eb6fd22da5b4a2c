// What the build takes from the declarations: the package schema, and the declarations of the SDK.
export { declarations } from "./declarations.ts";
export { packageSchema } from "./package-schema.ts";
