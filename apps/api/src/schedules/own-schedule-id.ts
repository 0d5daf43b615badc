import { DEFAULT_TENANT } from "@darkroom/core";

/** Separates the tenant from the schedule's name. Neither contains this character. */
const DOT = ".";

/**
 * Returns the id of a tenant's schedule: `acme.nightly` for `nightly` of `acme`. Two tenants may thus use the same name
 * without learning of each other.
 */
export function ownScheduleId(id: string, tenant: string): string {
  return tenant === DEFAULT_TENANT || id.startsWith(`${tenant}${DOT}`) ? id : `${tenant}${DOT}${id}`;
}
