// The version of this command; the build writes it in.

declare const FAIRLEAD_VERSION: string | undefined;

/** As in package.json; `0.0.0` when run from sources. */
export const VERSION = typeof FAIRLEAD_VERSION === "string" ? FAIRLEAD_VERSION : "0.0.0";
