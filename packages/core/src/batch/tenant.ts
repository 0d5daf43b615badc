import { z } from "zod";

/** The tenant of everything that was created without a tenant's key. */
export const DEFAULT_TENANT = "default";

/** A customer of a deployment: a slug of at most 40 characters. A tenant's keys see only that tenant's data. */
export const tenantSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, { error: "must be a slug: a-z, 0-9 and -, at most 40" });

/** Returns the tenant of a stored object. */
export function tenantOf({ tenant = DEFAULT_TENANT }: { readonly tenant?: string | undefined }): string {
  return tenant;
}

/** Returns the field that stores an object's tenant; no field for the default tenant. */
export function tenantField(tenant: string | undefined): { readonly tenant?: string } {
  return tenant === undefined || tenant === DEFAULT_TENANT ? {} : { tenant };
}
