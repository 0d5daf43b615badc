import { expect, test } from "vitest";
import { csvText } from "./csv-text.ts";

test.each([
  [",", '0.2,0,1500,0.0929,1e-7,-0.5,"0.5, 0.25",1.5,true,\n'],
  [";", "0,2;0;1500;0,0929;1e-7;-0,5;0.5, 0.25;1.5;true;\n"],
  ["\t", "0.2\t0\t1500\t0.0929\t1e-7\t-0.5\t0.5, 0.25\t1.5\ttrue\t\n"],
] as const)(
  "separated by %j, numbers have the decimal sign of such spreadsheets; texts stay",
  async (separator, text) => {
    const cells = [0.2, 0, 1_500, 0.0929, 1e-7, -0.5, "0.5, 0.25", "1.5", true, null];
    expect(await csvText([cells], separator)).toBe(text);
  },
);
