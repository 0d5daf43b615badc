import { describe, expect, it } from "vitest";
import { CHECKED_ROWS } from "../src/index.ts";
import { fixture, manifestRows, rowsOf } from "./fixture.ts";

const PROMT =
  'the column "promt" is probably meant to be "prompt", and as written would have no effect; rename it, or declare it as your own column with --carry "promt" ("carry": ["promt"] in the API)';

describe("a column with a typo in its name", () => {
  it.each([
    ["csv", "source;promt;Team\na.jpg;soft light;north\n", 1],
    ["csv", "\n\nsource;promt;Team\na.jpg;soft light;north\n", 3],
    ["jsonl", '{"source":"a.jpg","promt":"soft light"}\n{"source":"b.jpg"}\n', 1],
  ] as const)("makes a %s manifest invalid before its first row", async (format, content, line) => {
    await expect(manifestRows(format, content)).rejects.toMatchObject({
      code: "invalid_input",
      field: "source",
      message: `team.${format}, line ${line}: ${PROMT}`,
    });
  });

  it("makes a JSONL manifest invalid in its first part, and only its row in later ones", async () => {
    const later = '{"source":"b.jpg","promt":"x"}\n{"source":"c.jpg","promt":"x","prompt":"y"}\n';
    await expect(manifestRows("jsonl", `{"source":"a.jpg"}\n${later}`)).rejects.toMatchObject({
      message: `team.jsonl, line 2: ${PROMT}`,
    });
    const first = 2 * CHECKED_ROWS;
    const many = Array.from({ length: first }, (_, n) => `{"source":"${n}.jpg"}\n`).join("");
    const rows = await manifestRows("jsonl", `${many}${later}`);
    expect(rows.slice(first)).toMatchObject([
      { rejected: { line: first + 1, field: "promt", message: PROMT } },
      { source: "c.jpg", prompt: "y", carried: { promt: "x" } },
    ]);
  });

  it.each([
    [
      "csv",
      "sorce,promt,intesity,mode,mode\na.jpg,x,huge,eco,\nb.jpg,x,,turbo,\n../c.jpg,x,subtle,eco,\n",
      [
        /^team\.csv, line 1: the column "sorce" is probably meant to be "source"/,
        /^team\.csv, line 1: the column "promt" is/,
        /^team\.csv, line 1: the column "intesity" is/,
        /^team\.csv, line 1: the manifest has two columns called mode/,
        /^team\.csv, line 2, intesity: intensity "huge" is not known/,
        /^team\.csv, line 3, mode: mode "turbo" is not known/,
        /^team\.csv, line 4, sorce: source contains \.\./,
      ],
    ],
    [
      "jsonl",
      '{"source":"a.jpg","promt":"x"}\n{"source":"b.jpg","mode":"turbo","intensity":"huge"}\n{"sorce":"c.jpg"}\n',
      [
        /^team\.jsonl, line 1: the column "promt" is/,
        /^team\.jsonl, line 3: the column "sorce" is/,
        /^team\.jsonl, line 2, mode: mode "turbo" is not known; .*; also intensity: intensity "huge" is not known/,
      ],
    ],
  ] as const)("is reported with all other mistakes in a %s manifest", async (format, content, messages) => {
    const error: unknown = await manifestRows(format, content).catch((thrown: unknown) => thrown);
    const [head, ...lines] = error instanceof Error ? error.message.split("\n") : [];
    expect(head).toBe(`the manifest has ${messages.length} mistakes:`);
    for (const [place, message] of messages.entries()) expect(lines[place]).toMatch(message);
    expect(lines).toHaveLength(messages.length);
  });

  it("is reported with the first bad rows and the number of others", async () => {
    const rows = Array.from({ length: 40 }, (_, n) => `${n}.jpg,x,turbo\n`).join("");
    const refused = manifestRows("csv", `source,promt,mode\n${rows}`);
    await expect(refused).rejects.toThrow(/^the manifest has 41 mistakes:\n(?:team\.csv, line .*\n){20}and 21 more$/);
  });

  it.each([
    ["the submission says that it is carried", { carry: ["Promt"] }, {}],
    ["the template asks for it", {}, { template: "{Promt}/{name}.{ext}" }],
  ])("is a user's own column if %s", async (_, source, wishes) => {
    await using folder = await fixture();
    await folder.write("team.csv", "source,promt\na.jpg,north\n");
    const manifest = { kind: "manifest", url: `${folder.url}team.csv`, format: "csv", baseUrl: folder.url } as const;
    const rows = await rowsOf(folder.open, { ...manifest, ...source }, wishes);
    expect(rows).toMatchObject([{ source: "a.jpg", carried: { promt: "north" } }]);
  });

  it("is a user's own column beside the column that it resembles", async () => {
    const [row] = await manifestRows("csv", "source,team,department,code,mode,mdoe\na.jpg,x,y,z,max,q\n");
    expect(row).toMatchObject({ mode: "max", carried: { mdoe: "q" } });
  });
});

describe("a column name in another language", () => {
  it.each([
    ["Foto;Kennung;Ziel;Modus;Intensität", "a.jpg;1;x.jpg;eco;strong"],
    ["Fichier;Identifiant;Destination;Mode;Intensité", "a.jpg;1;x.jpg;eco;strong"],
    ["Archivo;Identificador;Destino;Modo;Intensidad", "a.jpg;1;x.jpg;eco;strong"],
  ])("has the same meaning: %s", async (header, row) => {
    const text = `Name;${header}\nAnna;${row.replace("strong", "moderate")}\n`;
    expect(await manifestRows("csv", text)).toEqual([
      {
        index: 0,
        id: "1",
        source: "a.jpg",
        destination: "x.jpg",
        mode: "eco",
        intensity: "moderate",
        carried: { Name: "Anna" },
      },
    ]);
  });

  it("is a user's own column beside the one that it means, or if the submission says so", async () => {
    const [row] = await manifestRows("csv", "source,mode,Modus\na.jpg,eco,max\n");
    expect(row).toMatchObject({ mode: "eco", carried: { Modus: "max" } });
    await using folder = await fixture();
    await folder.write("team.csv", "Foto,Vorlage\na.jpg,Team A\n");
    const manifest = { kind: "manifest", url: `${folder.url}team.csv`, format: "csv", baseUrl: folder.url } as const;
    expect(await rowsOf(folder.open, manifest)).toMatchObject([{ rejected: { line: 2, field: "Vorlage" } }]);
    expect(await rowsOf(folder.open, { ...manifest, carry: ["vorlage"] })).toMatchObject([
      { carried: { Vorlage: "Team A" } },
    ]);
  });
});
