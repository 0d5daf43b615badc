import { allowsScope, type Scope } from "@darkroom/access";
import { DarkroomError } from "@darkroom/core";

/** The sender of a request. */
export interface Caller {
  /** A key's id, `root` for `DARKROOM_API_KEY`, or `local` for a program on this machine without a key. */
  readonly id: string;
  readonly scopes: readonly Scope[];
}

/** @throws DarkroomError `forbidden` */
export function checkScope(caller: Caller, wanted: Scope): void {
  if (allowsScope(caller.scopes, wanted)) return;
  throw new DarkroomError(
    "forbidden",
    `The key ${caller.id} has the scopes ${caller.scopes.join(", ")}, and this requires ${wanted}. Use a key that has it.`,
  );
}

declare module "fastify" {
  interface FastifyRequest {
    /** Set before the handler of a route under `/v1` runs. */
    caller: Caller;
  }

  interface FastifyContextConfig {
    /** The scope that a key needs for the route. Required under `/v1`. */
    scope?: Scope;
  }
}
