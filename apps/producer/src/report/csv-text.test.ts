import { stringify } from "csv-stringify/sync";
import { expect, test } from "vitest";
import { csvText } from "@darkroom/archive";

const SEPARATORS = [",", ";", "\t"] as const;

test.each([
  [",", '0.2,0,1500,0.0929,1e-7,-0.5,"0.5, 0.25",1.5,true,\n'],
  [";", "0,2;0;1500;0,0929;1e-7;-0,5;0.5, 0.25;1.5;true;\n"],
  ["\t", "0.2\t0\t1500\t0.0929\t1e-7\t-0.5\t0.5, 0.25\t1.5\ttrue\t\n"],
] as const)("separated by %j, numbers have the decimal sign of such spreadsheets; texts stay", (separator, text) => {
  const cells = [0.2, 0, 1_500, 0.0929, 1e-7, -0.5, "0.5, 0.25", "1.5", true, null];
  expect(csvText([cells], separator)).toBe(text);
});

test.each(SEPARATORS)("separated by %j, texts of every special character are as from csv-stringify", (separator) => {
  const signs = ["", "a", " ", "'", '"', ",", ";", "\t", "\n", "\r", "=", "+", "-", "@", "é", "＝", "＋", "－", "＠"];
  const texts = signs.flatMap((one) => signs.flatMap((two) => signs.map((three) => one + two + three)));
  const rows = texts.map((text, place) => [text, texts[texts.length - 1 - place], undefined, false]);
  const cast = { boolean: (value: boolean) => (value ? "true" : "false") };
  expect(csvText(rows, separator)).toBe(stringify(rows, { delimiter: separator, escape_formulas: true, cast }));
});
