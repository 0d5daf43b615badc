import { allowsScope, ALL_TENANTS, type KeyLimits, type LinkReach, type Scope } from "@darkroom/access";
import { DarkroomError, DEFAULT_TENANT } from "@darkroom/core";

/** The sender of a request. */
export interface Caller {
  /** A key's id, `root` for `DARKROOM_API_KEY`, or `local` for a program on this machine without a key. */
  readonly id: string;
  /** The tenant whose data the caller sees; {@link ALL_TENANTS} for all tenants. */
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  readonly limits: KeyLimits;
  /** ISO 8601. */
  readonly expiresAt?: string | undefined;
  /** Present if the caller came by a link for a client, which opens one batch. */
  readonly link?: LinkReach | undefined;
}

/** The permissions that a route requires of its caller. */
export interface RouteAccess {
  readonly scope?: Scope;
  /** Another scope that permits the route. The handler then decides what the caller may do. */
  readonly orScope?: Scope;
  /** True if the route concerns all tenants and therefore requires a key for all tenants. */
  readonly forDeployment?: boolean;
  /** True if a link for a client opens the route. Such a response must show no money, place or account. */
  readonly link?: boolean;
  /** True if the route may allow its batch to spend more money. */
  readonly spends?: boolean;
}

/** Returns the tenant to which a caller is restricted; undefined if the caller sees all tenants. */
export function ownTenant({ tenant }: Pick<Caller, "tenant">): string | undefined {
  return tenant === ALL_TENANTS ? undefined : tenant;
}

/** Returns the tenant of objects that a caller creates. */
export function makersTenant(caller: Pick<Caller, "tenant">): string {
  return ownTenant(caller) ?? DEFAULT_TENANT;
}

/** @throws DarkroomError `forbidden` */
export function checkAccess(
  caller: Caller,
  { scope = "admin", orScope = scope, forDeployment = false, link = false }: RouteAccess,
): void {
  if (caller.link !== undefined && !link)
    throw new DarkroomError("forbidden", "A link for a client does not open this.");
  if (![scope, orScope].some((each) => allowsScope(caller.scopes, each))) {
    throw new DarkroomError(
      "forbidden",
      `The key ${caller.id} has the scopes ${caller.scopes.join(", ")}, and this requires ${scope}. Use a key that has it.`,
    );
  }
  if (!forDeployment || ownTenant(caller) === undefined) return;
  throw new DarkroomError(
    "forbidden",
    `The key ${caller.id} belongs to one tenant, and this concerns all tenants. Only the operator's keys allow it.`,
  );
}

declare module "fastify" {
  interface FastifyRequest {
    /** Set before the handler of a route under `/v1` runs. */
    caller: Caller;
  }

  /** Every route under `/v1` declares its scope. */
  interface FastifyContextConfig extends RouteAccess {}
}
