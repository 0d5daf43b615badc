import manifest from "../package.json" with { type: "json" };

/** The user agent of every request that Darkroom sends (RFC 9110, section 10.1.5). */
export const USER_AGENT = `darkroom/${manifest.version}`;
