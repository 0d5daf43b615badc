import { expect, it } from "vitest";
import { isPortTaken, listenFault } from "./listen-fault.ts";

const AT = { host: "10.0.0.9", port: 80, portSetting: "DARKROOM_PORT" } as const;

it.each([
  ["EADDRINUSE", "DARKROOM_PORT", "Port 80 is in use; set DARKROOM_PORT to another one.", true],
  ["EACCES", "DARKROOM_PORT", "Port 80 requires more privileges; set DARKROOM_PORT to one above 1023.", false],
  [
    "EADDRNOTAVAIL",
    "DARKROOM_HOST",
    "This machine does not have the address 10.0.0.9; set DARKROOM_HOST to one that it has.",
    false,
  ],
])("names the setting to change when a server cannot listen: %s", (code, field, message, isTaken) => {
  const fault = listenFault(Object.assign(new Error(`listen ${code}`), { code }), AT);
  expect(fault).toMatchObject({ code: "invalid_settings", field, message });
  expect(isPortTaken(fault)).toBe(isTaken);
});

it("returns any other error unchanged", () => {
  const error = new Error("out of memory");
  expect(listenFault(error, AT)).toBe(error);
  expect(isPortTaken(error)).toBe(false);
});
