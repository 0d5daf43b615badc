/** The permissions that a key may have. `docs/api.md` has the same list. */
export const SCOPES = ["read", "submit", "review", "manage", "admin"] as const;

export type Scope = (typeof SCOPES)[number];

/** Every scope with the scopes that it includes. */
const INCLUDES: Readonly<Record<Scope, readonly Scope[]>> = {
  read: [],
  submit: ["read"],
  review: ["read"],
  manage: ["read"],
  admin: ["read", "submit", "review", "manage"],
};

/** True if a key with the scopes `held` may use a route that requires `wanted`. */
export function allowsScope(held: readonly Scope[], wanted: Scope): boolean {
  return held.some((scope) => scope === wanted || INCLUDES[scope].includes(wanted));
}
