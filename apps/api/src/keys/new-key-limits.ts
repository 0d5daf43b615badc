import { ALL_TENANTS, allowsScope, limitExceeded, type KeyLimits, type Scope } from "@darkroom/access";
import { DarkroomError, DEFAULT_TENANT, type ManifestSources } from "@darkroom/core";
import { wholeStoreUrl } from "@darkroom/intake";
import { realFolderOf, toStoreUrl } from "@darkroom/storage";
import type { Caller } from "../access/caller.ts";
import type { Services } from "../services.ts";

/** The tenant, scopes and limits of a key. */
interface Reach {
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  readonly limits: KeyLimits;
}

/**
 * Returns the normalized limits of a new key. Limits that the request does not contain are inherited from the creator.
 *
 * @throws DarkroomError `invalid_input` with the field
 */
export function newKeyLimits(caller: Caller, wished: Reach, { prices }: Pick<Services, "prices">): KeyLimits {
  const { sources, destinations, lanes } = caller.limits;
  const inherited = { ...(sources && { sources }), ...(destinations && { destinations }), ...(lanes && { lanes }) };
  const limits: KeyLimits = {
    ...inherited,
    ...wished.limits,
    ...plain("sources", wished.limits.sources),
    ...plain("destinations", wished.limits.destinations),
  };
  checkCustomers({ ...wished, limits });
  if (limits.usdPerDay !== undefined && Object.keys(prices).length === 0) {
    throw bad("usdPerDay", "there are no prices to count by; set DARKROOM_PRICES where the API runs");
  }
  return limits;
}

function plain(limit: "sources" | "destinations", prefixes: ManifestSources | undefined): KeyLimits {
  if (prefixes === undefined || prefixes === "any") return prefixes === undefined ? {} : { [limit]: prefixes };
  return { [limit]: prefixes.map((url) => withoutLinks(wholeStoreUrl(url, `limits.${limit}`))) };
}

/**
 * Resolves links in a local folder's path, so that a link below a creator's folder grants no access outside of that
 * folder.
 */
function withoutLinks(url: string): string {
  return url.startsWith("file:") ? toStoreUrl(realFolderOf(url), "/") : url;
}

/**
 * A customer's key reads and writes with this deployment's credentials, so the operator must specify the allowed
 * places.
 */
function checkCustomers({ tenant, scopes, limits }: Reach): void {
  if (tenant === DEFAULT_TENANT || tenant === ALL_TENANTS) return;
  if (!allowsScope(scopes, "submit") && !allowsScope(scopes, "manage")) return;
  for (const limit of ["sources", "destinations"] as const) {
    if (limits[limit] !== undefined) continue;
    throw bad(
      limit,
      `a tenant's key that submits uses this deployment's rights; name the prefixes that it may use, or "any"`,
    );
  }
}

/**
 * Rejects a new key with more rights than the caller's key.
 *
 * @throws DarkroomError `forbidden`
 */
export function checkNotWider(
  caller: Caller,
  { limits, expiresAt }: { limits: KeyLimits; expiresAt?: string | undefined },
): void {
  const limit = limitExceeded(caller.limits, limits);
  if (limit !== undefined) {
    const message = `${limit}: the key ${caller.id} is limited in this, and may not hand out a key that reaches further. Use the operator's key.`;
    throw new DarkroomError("forbidden", message, { field: `limits.${limit}` });
  }
  if (caller.expiresAt === undefined) return;
  if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.parse(caller.expiresAt)) return;
  const message = `expiresAt: the key ${caller.id} expires at ${caller.expiresAt}, and may not hand out a key that works longer.`;
  throw new DarkroomError("forbidden", message, { field: "expiresAt" });
}

function bad(limit: string, message: string): DarkroomError {
  return new DarkroomError("invalid_input", `limits.${limit}: ${message}.`, { field: `limits.${limit}` });
}
