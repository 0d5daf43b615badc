import { DEFAULT_TENANT } from "@darkroom/core";

/** Between a tenant and the name of its schedule; neither contains it. */
const DOT = ".";

/**
 * The id of a tenant's schedule: `acme.nightly` for `nightly` of `acme`, so that two tenants may use the same name and
 * neither hears of the other's.
 */
export function ownScheduleId(id: string, tenant: string): string {
  return tenant === DEFAULT_TENANT || id.startsWith(`${tenant}${DOT}`) ? id : `${tenant}${DOT}${id}`;
}
