/** Views of the API, with the fields that the page shows. */
export interface Lane {
  readonly name: string;
  readonly counts: { readonly waiting: number; readonly active: number; readonly delayed: number };
  readonly running: number;
  readonly workers: number;
  readonly concurrency: { readonly configured: number; readonly present: number };
  readonly ratePerMinute: { readonly configured: number | null; readonly present: number | null };
  readonly narrowed: { readonly at: string; readonly message: string | null } | null;
  readonly held: { readonly until: string; readonly message: string | null } | null;
  readonly blocked: { readonly reason: string; readonly since: string; readonly message: string } | null;
  readonly probe: { readonly at: string; readonly underWay: boolean } | null;
}

export interface Schedule {
  readonly id: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly submission: { readonly source: string; readonly destination: string };
  readonly paused: { readonly at: string; readonly reason: string | null } | null;
  readonly nextRuns: readonly string[];
  readonly stuck: { readonly batchId: string; readonly message: string } | null;
  readonly lastRun: {
    readonly at: string;
    readonly batchId: string | null;
    readonly outcome: string;
    readonly message: string | null;
  } | null;
}

interface Spent {
  readonly costUsd: number;
  readonly lostUsd: number;
  readonly maybeUsd: number;
}

export interface Costs {
  readonly from: string;
  readonly to: string;
  readonly total: Spent;
  readonly rows: readonly (Spent & { readonly name: string })[];
}

export interface Key {
  readonly id: string;
  readonly name: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
  readonly state: "active" | "expired" | "revoked";
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
}

export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly description: string | null;
  readonly tenant: string;
  readonly state: "enabled" | "failing" | "disabled";
  readonly disabledReason: string | null;
  readonly waiting: number;
  readonly lastDeliveredAt: string | null;
  readonly failure: string | null;
}

export interface Delivery {
  readonly id: string;
  readonly at: string;
  readonly type: string;
  readonly event: string | null;
  readonly attempt: number;
  readonly outcome: string;
  readonly status: number | null;
  readonly durationMs: number;
  readonly failure: string | null;
  readonly nextAt: string | null;
}
