// The version of the provider that these constructs ask for; the build writes it in.

/** As in package.json: terraform takes exactly this one from a mirror. */
export const PROVIDER_VERSION = "0.1.0";
