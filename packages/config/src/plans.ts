/** Plans of each::labs (provider contract A.5). */
export const PLANS = ["free", "pro", "enterprise"] as const;

export type Plan = (typeof PLANS)[number];

/** Each plan's limits: concurrent calls, and calls per minute. */
const LIMITS = {
  free: { concurrency: 2, ratePerMinute: 10 },
  pro: { concurrency: 10, ratePerMinute: 60 },
  enterprise: { concurrency: 50, ratePerMinute: 300 },
} as const satisfies Record<Plan, { readonly concurrency: number; readonly ratePerMinute: number }>;

/** Returns undefined without a plan. */
export function planLimits(
  plan: Plan | undefined,
): { readonly concurrency: number; readonly ratePerMinute: number } | undefined {
  return plan === undefined ? undefined : LIMITS[plan];
}
