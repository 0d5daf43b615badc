import { expect, test } from "vitest";
import { isNoConnection, whyNoConnection } from "./no-connection.ts";

const named = (code: string): Error => Object.assign(new Error("getaddrinfo https://secret.test"), { code });

test.each([
  ["ENOTFOUND", true, "ENOTFOUND: its name cannot be resolved; check the network and its DNS"],
  ["ECONNREFUSED", true, "ECONNREFUSED: it refused the connection"],
  ["ENETUNREACH", true, "ENETUNREACH: there is no route to it; check the network"],
  ["UND_ERR_CONNECT_TIMEOUT", true, "UND_ERR_CONNECT_TIMEOUT: it did not accept the connection in time"],
  ["SELF_SIGNED_CERT_IN_CHAIN", true, expect.stringContaining("TLS certificate")],
  ["ERR_TLS_CERT_ALTNAME_INVALID", true, expect.stringContaining("TLS certificate")],
  ["ECONNRESET", false, "ECONNRESET"],
  ["UND_ERR_SOCKET", false, "UND_ERR_SOCKET"],
  ["https://secret.test", false, "unknown"],
])("an error %s means that no connection was made: %s", (code, is, why) => {
  expect(isNoConnection(named(code))).toBe(is);
  expect(whyNoConnection(named(code))).toEqual(why);
});
