import { z } from "zod";

/** The tenant of everything that was made without a tenant's key. */
export const DEFAULT_TENANT = "default";

/** A customer of a deployment: a slug of at most 40 characters. Its keys see only what is its own. */
export const tenantSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, { error: "must be a slug: a-z, 0-9 and -, at most 40" });

/** Whose a stored thing is. */
export function tenantOf({ tenant = DEFAULT_TENANT }: { readonly tenant?: string | undefined }): string {
  return tenant;
}

/** The field of a stored thing that says whose it is; none for the default tenant. */
export function tenantField(tenant: string | undefined): { readonly tenant?: string } {
  return tenant === undefined || tenant === DEFAULT_TENANT ? {} : { tenant };
}
