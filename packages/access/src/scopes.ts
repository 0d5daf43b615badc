/** What a key may be allowed to do. `docs/api.md` lists the same. */
export const SCOPES = ["read", "submit", "review", "manage", "admin"] as const;

export type Scope = (typeof SCOPES)[number];

/** Every scope with those that it includes. */
const INCLUDES: Readonly<Record<Scope, readonly Scope[]>> = {
  read: [],
  submit: ["read"],
  review: ["read"],
  manage: ["read"],
  admin: ["read", "submit", "review", "manage"],
};

/** True if a key with the scopes `held` may use what requires `wanted`. */
export function allowsScope(held: readonly Scope[], wanted: Scope): boolean {
  return held.some((scope) => scope === wanted || INCLUDES[scope].includes(wanted));
}
