import { given } from "./given.ts";
import type { EnvironmentReader } from "./read-environment.ts";
import type { Settings } from "./settings.ts";

/**
 * Returns the proxies of the environment, in upper or lower case like curl. An address without a scheme is `http://`.
 */
export function readProxy(read: EnvironmentReader): Settings["proxy"] {
  const bypass = (read.variable("NO_PROXY") ?? read.variable("no_proxy") ?? "").split(/[\s,]+/);
  return given<Settings["proxy"]>({
    http: readOne(read, "HTTP_PROXY"),
    https: readOne(read, "HTTPS_PROXY"),
    bypass: bypass.filter((entry) => entry !== ""),
  });
}

function readOne(read: EnvironmentReader, name: "HTTP_PROXY" | "HTTPS_PROXY"): string | undefined {
  const text = read.variable(name) ?? read.variable(name.toLowerCase());
  if (text === undefined) return undefined;
  const url = URL.parse(text.includes("://") ? text : `http://${text}`);
  if (url !== null && /^https?:$/.test(url.protocol)) return url.href;
  read.problem(name, "the address of an HTTP proxy, such as http://proxy.example:3128");
  return undefined;
}
