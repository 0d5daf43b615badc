import { z } from "zod";

/**
 * What follows when a result's face is not its source's: a person is asked to look (`review`, the default), or the
 * portrait ends as `not_alike` (`strict`). `off` compares no faces.
 */
export const LIKENESS_POLICIES = ["review", "strict", "off"] as const;

export const likenessPolicySchema = z.enum(LIKENESS_POLICIES);
