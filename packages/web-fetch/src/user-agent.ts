import manifest from "../package.json" with { type: "json" };

/** How Darkroom names itself in every request that it sends (RFC 9110, section 10.1.5). */
export const USER_AGENT = `darkroom/${manifest.version}`;
