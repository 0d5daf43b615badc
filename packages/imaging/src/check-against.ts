import type { Probe } from "./probe-picture.ts";

/** What a provider takes; see provider-kit's `AcceptedInput`. */
export interface Accepts {
  readonly contentTypes: readonly string[];
  readonly maxBytes: number;
  readonly minSidePx: number;
  readonly maxSidePx: number;
}

export interface Refusal {
  readonly code: "invalid_image" | "unsupported_format" | "too_large" | "too_small";
  /** What is wrong and what to do. */
  readonly message: string;
}

const MEBIBYTE = 1_024 * 1_024;

/** Why a provider would not take this picture; undefined when it would. */
export function checkAgainst(probe: Probe, accepts: Accepts): Refusal | undefined {
  if (probe.kind === "not_a_picture") return { code: "invalid_image", message: probe.message };
  const { contentType } = probe;
  if (!accepts.contentTypes.includes(contentType)) {
    const taken = accepts.contentTypes.map(nameOf).join(", ");
    return {
      code: "unsupported_format",
      message: `the picture is ${nameOf(contentType)}; the provider takes ${taken}: save it as one of these`,
    };
  }
  if (probe.kind === "need_more") {
    return { code: "invalid_image", message: "the picture's header is too long to be read; save the picture anew" };
  }
  const { width, height, sizeBytes } = probe;
  if (sizeBytes > accepts.maxBytes) {
    const message = `the file has ${(sizeBytes / MEBIBYTE).toFixed(1)} MiB; the provider takes up to ${accepts.maxBytes / MEBIBYTE} MiB`;
    return { code: "too_large", message };
  }
  const size = `${width} × ${height} px`;
  if (Math.min(width, height) < accepts.minSidePx) {
    return {
      code: "too_small",
      message: `the picture has ${size}; each side must have at least ${accepts.minSidePx} px`,
    };
  }
  if (Math.max(width, height) > accepts.maxSidePx) {
    return {
      code: "too_large",
      message: `the picture has ${size}; no side may have more than ${accepts.maxSidePx} px`,
    };
  }
  return undefined;
}

/** "image/jpeg" as people call it. */
function nameOf(contentType: string): string {
  return contentType.replace("image/", "").toUpperCase();
}
