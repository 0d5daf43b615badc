import { z } from "zod";
import { ALL_TENANTS, SCOPES } from "@darkroom/access";
import { answer } from "../http/answer.ts";
import { problems } from "../http/problem.ts";
import { checkOrigin, sessionCookie, shownSession } from "../access/session-cookie.ts";
import type { Caller } from "../access/caller.ts";
import type { Authenticator } from "../access/authenticate.ts";
import { isSimulated } from "../samples/sample-batches.ts";
import type { ApiServer, Services } from "../services.ts";

const TAGS = ["session"];
const callerSchema = z.object({
  key: z.string().describe("The key's id, `root` or `local`."),
  scopes: z.array(z.enum(SCOPES)).readonly(),
  allTenants: z.boolean(),
  simulated: z.boolean().describe("True if every account is the simulator, so that nothing is paid."),
  link: z
    .object({ batch: z.string(), downloads: z.boolean() })
    .nullable()
    .describe("The only batch that a link for a client opens; null for a key."),
});
const signInBody = z.strictObject({ key: z.string().min(1).max(1_024) });

/** Routes that sign in to and out of the web page. Require no key, because the user signs in with one. */
export async function signInRoutes(app: ApiServer, { signIn }: Pick<Authenticator, "signIn">): Promise<void> {
  app.post(
    "/session",
    {
      schema: {
        operationId: "signIn",
        summary: "Sign in to the web page with an API key",
        description: "Sets a cookie that no script can read. It lasts 12 hours, and no longer than the key.",
        tags: TAGS,
        security: [],
        body: signInBody,
        response: { 200: answer("The key's rights", callerSchema), ...problems(400, 401, 403, 503) },
      },
    },
    async (request, reply) => {
      checkOrigin(request);
      const { services } = app;
      services.checkConnected();
      const { caller, session } = await signIn(request.body.key, { request, reply }, services);
      const id = await services.sessions.create(session);
      void reply.header("set-cookie", sessionCookie(request, id)).header("cache-control", "no-store");
      return viewCaller(caller, services);
    },
  );

  app.delete(
    "/session",
    {
      schema: {
        operationId: "signOut",
        summary: "Sign out of the web page",
        tags: TAGS,
        security: [],
        response: { 204: z.undefined().describe("Signed out"), ...problems(403, 503) },
      },
    },
    async (request, reply) => {
      checkOrigin(request);
      const id = shownSession(request);
      if (id !== undefined) await app.services.sessions.end(id);
      void reply.header("set-cookie", sessionCookie(request, ""));
      await reply.code(204).send();
    },
  );
}

function viewCaller({ id, scopes, tenant, link }: Caller, services: Services): z.infer<typeof callerSchema> {
  const simulated = isSimulated(services);
  return { key: id, scopes, allTenants: tenant === ALL_TENANTS, simulated, link: link ?? null };
}

/** Registers the route that shows a caller's rights. */
export async function sessionRoute(app: ApiServer): Promise<void> {
  app.get(
    "/session",
    {
      config: { scope: "read", link: true },
      schema: {
        operationId: "getSession",
        summary: "Show the rights of the key or sign-in",
        tags: TAGS,
        response: { 200: answer("The rights", callerSchema), ...problems(401, 503) },
      },
    },
    ({ caller }) => viewCaller(caller, app.services),
  );
}
