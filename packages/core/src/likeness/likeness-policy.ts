import { z } from "zod";

/**
 * The effect of a result's face that does not match its source's: a user is asked to review it (`review`, the default),
 * or the portrait ends as `not_alike` (`strict`). `off` compares no faces.
 */
export const LIKENESS_POLICIES = ["review", "strict", "off"] as const;

export const likenessPolicySchema = z.enum(LIKENESS_POLICIES);
