import helmet, { type FastifyHelmetOptions } from "@fastify/helmet";
import type { ApiServer } from "../services.ts";

type Directives = Readonly<Record<string, readonly string[]>>;

const NOTHING = ["'none'"];
const SELF = ["'self'"];

/** For answers that no browser should run or embed: JSON, events, reports. */
const API_DIRECTIVES: Directives = { "default-src": NOTHING, "base-uri": NOTHING, "frame-ancestors": NOTHING };

/** For the web page. Forbids resources of other hosts, inline scripts, and embedding in a frame. */
const PAGE_DIRECTIVES: Directives = {
  "default-src": NOTHING,
  "script-src": SELF,
  "style-src": SELF,
  "img-src": ["'self'", "data:", "blob:"],
  "connect-src": SELF,
  "base-uri": NOTHING,
  "form-action": NOTHING,
  "frame-ancestors": NOTHING,
};

/** For photos and other files of strangers, which a browser may show but never run. */
const FILE_DIRECTIVES: Directives = { sandbox: [], "default-src": NOTHING };

/** For the API's documentation, whose scripts set styles. */
const DOCS_DIRECTIVES: Directives = { ...PAGE_DIRECTIVES, "style-src": ["'self'", "'unsafe-inline'"] };

/** The policy of `/docs`, whose plugin declares its own routes. */
export const DOCS_POLICY = Object.entries(DOCS_DIRECTIVES)
  .map(([name, sources]) => [name, ...sources].join(" "))
  .join("; ");

function policy(directives: Directives): NonNullable<FastifyHelmetOptions["contentSecurityPolicy"]> {
  const mutable = Object.fromEntries(Object.entries(directives).map(([name, sources]) => [name, [...sources]]));
  return { useDefaults: false, directives: mutable };
}

/** Route option `helmet` of the web page. */
export const PAGE_SECURITY: FastifyHelmetOptions = { contentSecurityPolicy: policy(PAGE_DIRECTIVES) };
/** Route option `helmet` of pictures. */
export const FILE_SECURITY: FastifyHelmetOptions = { contentSecurityPolicy: policy(FILE_DIRECTIVES) };
/** Route option `helmet` for signed links, which other sites may embed, like links to an S3 store. */
export const LINK_SECURITY: FastifyHelmetOptions = {
  ...FILE_SECURITY,
  crossOriginResourcePolicy: { policy: "cross-origin" },
};

/** Adds security headers to every response. The only owner of Content-Security-Policy. */
export async function addSecurityHeaders(app: ApiServer): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: policy(API_DIRECTIVES),
    xFrameOptions: { action: "deny" },
    // Belongs to the proxy that ends TLS, because it also binds the domain's other servers.
    strictTransportSecurity: false,
  });
}
