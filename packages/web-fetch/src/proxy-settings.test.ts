import { expect, test } from "vitest";
import { proxyFor, shownProxy } from "./proxy-settings.ts";

const P = "http://proxy.example:3128/";
const S = "http://tls-proxy.example:3129/";

test.each([
  ["https://api.example/x", { https: S, http: P }, S],
  ["http://api.example/x", { https: S, http: P }, P],
  ["https://api.example/x", { http: P }, P],
  ["http://api.example/x", { https: S }, undefined],
  ["https://api.example/x", {}, undefined],
  ["https://api.example/x", { https: S, bypass: ["example"] }, undefined],
  ["https://api.example/x", { https: S, bypass: [".example"] }, undefined],
  ["https://example/x", { https: S, bypass: ["*.example"] }, S],
  ["https://notexample/x", { https: S, bypass: ["example"] }, S],
  ["https://API.example./x", { https: S, bypass: ["api.EXAMPLE"] }, undefined],
  ["https://api.example/x", { https: S, bypass: ["api.example:443"] }, undefined],
  ["https://api.example:8443/x", { https: S, bypass: ["api.example:443"] }, S],
  ["http://api.example/x", { http: P, bypass: ["api.example:80"] }, undefined],
  ["https://api.example/x", { https: S, bypass: ["other.example", "*"] }, undefined],
  ["https://10.1.2.3/x", { https: S, bypass: ["10.1.2.3"] }, undefined],
  ["https://[2001:db8::1]/x", { https: S, bypass: ["2001:db8::1"] }, undefined],
  ["https://[2001:db8::1]:9/x", { https: S, bypass: ["[2001:db8::1]:9"] }, undefined],
  ["https://[2001:db8::1]:9/x", { https: S, bypass: ["[2001:db8::1]:8"] }, S],
  ["http://localhost:9000/x", { http: P }, undefined],
  ["http://127.8.0.1:9000/x", { http: P }, undefined],
  ["http://[::1]:9000/x", { http: P }, undefined],
])("%s with %j goes through %s", (target, settings, proxy) => {
  expect(proxyFor(settings, new URL(target))).toBe(proxy);
});

test("the displayed proxy address contains no password", () => {
  expect(shownProxy("http://me:secret@proxy.example:3128/")).toBe("http://proxy.example:3128");
});
