/** The result of one of the doctor's checks. */
export interface CheckResult {
  readonly result: "ok" | "warning" | "failed";
  readonly message: string;
}

export const ok = (message: string): CheckResult => ({ result: "ok", message });
export const warning = (message: string): CheckResult => ({ result: "warning", message });
export const failed = (message: string): CheckResult => ({ result: "failed", message });
