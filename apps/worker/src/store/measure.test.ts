import { expect, test } from "vitest";
import { createLogger } from "@darkroom/runtime";
import { measure } from "./measure.ts";

test("does not fail a result that cannot be measured, and logs it without its bytes", async () => {
  const logged: string[] = [];
  const destination = { write: (line: string) => void logged.push(line) };
  const log = createLogger({ level: "info", name: "worker", destination });
  expect(await measure({ log }, Buffer.from("private picture"))).toBeUndefined();
  expect(logged).toHaveLength(1);
  expect(logged[0]).toContain("could not be measured");
  expect(logged[0]).not.toContain("private");
});
