import { allowsScope, type Scope } from "@darkroom/access/scopes";
import { signal } from "@preact/signals";
import { call, getJson, needsKey } from "./client.ts";

interface Session {
  /** A key's id, `root`, or `local` on the server's own machine. */
  readonly key: string;
  readonly scopes: readonly Scope[];
  readonly allTenants: boolean;
  readonly simulated: boolean;
  /** The only batch that a link for a client opens. */
  readonly link: { readonly batch: string; readonly downloads: boolean } | null;
}

const session = signal<Session | undefined>(undefined);

/** True once the server has reported the user's permissions, or that there are none. */
export const sessionRead = signal(false);

/** Reads the user's rights. If there are none, sets `needsKey`. */
export async function readSession(): Promise<void> {
  session.value = await getJson<Session>("/v1/session").catch(() => undefined);
  sessionRead.value = true;
}

/** @throws ApiError if the key is wrong */
export async function signIn(key: string): Promise<void> {
  const response = await call("POST", "/v1/session", { body: { key } });
  session.value = (await response.json()) as Session;
  needsKey.value = false;
  sessionRead.value = true;
}

/** @throws ApiError */
export async function signOut(): Promise<void> {
  await call("DELETE", "/v1/session");
  session.value = undefined;
  needsKey.value = true;
}

/** True if the user may use a route with this scope. The server checks the scope again at every request. */
export function may(scope: Scope): boolean {
  return session.value !== undefined && allowsScope(session.value.scopes, scope);
}

/** True if the user sees all tenants and therefore the provider accounts. */
export function seesAllTenants(): boolean {
  return session.value?.allTenants === true;
}

/** True if every provider account is the simulator. */
export function isSimulated(): boolean {
  return session.value?.simulated === true;
}

/** Returns the batch that the user's link opens; undefined if the user has a key. */
export function linkedBatch(): string | undefined {
  return session.value?.link?.batch;
}

/** True if the user may save results. */
export function mayDownload(): boolean {
  return session.value?.link?.downloads ?? true;
}

/** True if the user signed in with a key. */
export function isSignedIn(): boolean {
  return session.value !== undefined && session.value.key !== "local";
}
