import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SNAPSHOT_PART_ROWS } from "@darkroom/core";
import { SOURCE_ALIASES } from "../src/index.ts";
import { fixture, manifestRows, rowsOf } from "./fixture.ts";

describe("a CSV manifest", () => {
  it("is read as Excel saves it in Europe: byte order mark, semicolons, CRLF, quoted line breaks", async () => {
    const text =
      '\uFEFFSource ;ID;"Department";Profile IDs;Note\r\nfotos/Zoë.HEIC;p-1;"Vertrieb; Süd";a|b;"one\r\ntwo"\r\n\r\n;;;;\r\nb.png;;IT;;\r\n';
    expect(await manifestRows("csv", text)).toEqual([
      {
        index: 0,
        id: "p-1",
        source: "fotos/Zoë.HEIC",
        destination: "fotos/Zoë.jpg",
        profileIds: ["a", "b"],
        carried: { Department: "Vertrieb; Süd", Note: "one\r\ntwo" },
      },
      { index: 1, id: "b.png", source: "b.png", destination: "b.png", carried: { Department: "IT", Note: "" } },
    ]);
  });

  it.each([
    ["tabs", "source\tid\tteam\na.jpg\t1\tA, B; C\n"],
    ["Excel's sep= line", "sep=;\r\nsource;id;team\r\na.jpg;1;A, B; C\r\n".replace("A, B; C", '"A, B; C"')],
    ["UTF-16", Buffer.from("\uFEFFsource\tid\tteam\r\na.jpg\t1\tA, B; C\r\n", "utf16le")],
    ["bare carriage returns", 'source;id;team\ra.jpg;1;"A, B; C"\r'],
    ["gzip", gzipSync('source,id,team\na.jpg,1,"A, B; C"\n')],
    ["commas in the other columns' names", 'source;id;"team"\na.jpg;1;"A, B; C"'],
    ["spaces behind commas", 'source, id, team\na.jpg, 1, "A, B; C"\n'],
  ])("is read with %s", async (_, text) => {
    expect(await manifestRows("csv", text)).toEqual([
      { index: 0, id: "1", source: "a.jpg", destination: "a.jpg", carried: { team: "A, B; C" } },
    ]);
  });

  it("counts the sep= line in the line number of a bad row", async () => {
    const rows = await manifestRows("csv", "sep=;\nsource;id\n../a.jpg;1\n");
    expect(rows).toMatchObject([{ rejected: { line: 3 } }]);
  });

  it("accepts its columns in any order and case, and every override", async () => {
    const text =
      "INTENSITY,Mode,Preset,Prompt,profile-ids,Destination,source\nDramatic,ECO,Skin Smoothing,,a;b c,out/one,a.jpg\n,,,warmer light,,,b.jpg\n";
    expect(await manifestRows("csv", text)).toEqual([
      {
        index: 0,
        id: "a.jpg",
        source: "a.jpg",
        destination: "out/one.jpg",
        profileIds: ["a", "b", "c"],
        preset: "skin-smoothing",
        mode: "eco",
        intensity: "dramatic",
      },
      { index: 1, id: "b.jpg", source: "b.jpg", destination: "b.jpg", prompt: "warmer light" },
    ]);
  });

  it.each(["file", "Filename", "key", "URL", "photo", "image"])("uses the column %s as the source", async (name) => {
    const rows = await manifestRows("csv", `id,${name}\n1,a.jpg\n`);
    expect(rows).toEqual([{ index: 0, id: "1", source: "a.jpg", destination: "a.jpg" }]);
  });

  it.each(["Foto-URL", "Bild-URL", "Foto URL", "image_url", "Photo / Link", "Dateiname:", "FICHIER", "Imagen"])(
    "ignores case and separators in a name of the source column: %s",
    async (name) => {
      const [row] = await manifestRows("csv", `Team,${name}\nnorth,a.jpg\n`);
      expect(row).toMatchObject({ source: "a.jpg", carried: { Team: "north" } });
    },
  );

  it("names results by a column whose name differs from a field's in case, and warns if both match", async () => {
    const notes: string[] = [];
    const onNote = (note: string) => notes.push(note);
    const csv = "Name;Foto;Modus\nJane Doe;p1.jpg;eco\n";
    const rows = await manifestRows("csv", csv, { template: "{Name}-{Modus}.{ext}", onNote });
    expect(rows).toMatchObject([{ destination: "Jane Doe-eco.jpg", mode: "eco" }]);
    expect(notes).toEqual([]);
    for (const format of ["csv", "jsonl"] as const) {
      const text = format === "csv" ? "name,source\nJane,p1.jpg\n" : '{"name":"Jane","source":"p1.jpg"}\n';
      expect(await manifestRows(format, text, { template: "{name}.{ext}", onNote })).toMatchObject([
        { destination: "p1.jpg", carried: { name: "Jane" } },
      ]);
      expect(notes.splice(0)).toEqual([expect.stringContaining('not the column "name"')]);
    }
  });

  it("prefers the column source to its other names, which are carried", async () => {
    const rows = await manifestRows("csv", "url,source\nhttps://x.example/a,a.jpg\n");
    expect(rows).toMatchObject([{ source: "a.jpg", carried: { url: "https://x.example/a" } }]);
  });

  it("carries two columns of one name, and drops nameless ones", async () => {
    const rows = await manifestRows("csv", "source,team,team,\na.jpg,one,two,\n");
    expect(rows).toMatchObject([{ carried: { team: "one", team_3: "two" } }]);
  });

  it("renames the second column of one name to an unused name", async () => {
    const rows = await manifestRows("csv", "source,team_4,team,team,team\na.jpg,zero,one,two,three\n");
    expect(rows).toMatchObject([{ carried: { team_4: "zero", team: "one", team_4_: "two", team_5: "three" } }]);
  });

  it.each(SOURCE_ALIASES)("uses a column called %s as the source instead of carrying it", async (alias) => {
    const [row] = await manifestRows("csv", `team,${alias}\nnorth,a.jpg\n`);
    expect(row).toEqual({ index: 0, id: "a.jpg", source: "a.jpg", destination: "a.jpg", carried: { team: "north" } });
  });

  it.each([
    ["Name;Foto;Link", "Anna;a.jpg;b.jpg"],
    ["Name;URL;Photo", "Anna;https://example.com/anna;a.jpg"],
    ["file;image", "b.jpg;a.jpg"],
  ])("of %s uses the column whose name means a picture", async (header, line) => {
    expect((await manifestRows("csv", `${header}\n${line}\n`))[0]).toMatchObject({ source: "a.jpg" });
  });

  it.each(["Foto;Bild", "Photo;Headshot", "filename;file", "URL;link"])("uses neither of %s", async (header) => {
    await expect(manifestRows("csv", `${header}\na.jpg;b.jpg\n`)).rejects.toThrow(/could each mean the same .*--carry/);
  });

  it("documents all names of the source column", async () => {
    const docs = await readFile(new URL("../../../docs/manifests.md", import.meta.url), "utf8");
    const told = /^\| `source` \|.*?Also found as(.*)$/m.exec(docs)?.[1] ?? "";
    const names = [...(told.split(";")[0] ?? "").matchAll(/`([a-z ]+)`/g)].map(([, name = ""]) =>
      name.replaceAll(" ", ""),
    );
    expect(names).toEqual([...SOURCE_ALIASES]);
  });

  it("treats missing columns at the end of a row as empty", async () => {
    const rows = await manifestRows("csv", "source,id,team\na.jpg\n");
    expect(rows).toEqual([{ index: 0, id: "a.jpg", source: "a.jpg", destination: "a.jpg", carried: { team: "" } }]);
  });

  it("reads an S3 Inventory: no header, URL-encoded keys, photos only", async () => {
    const text = [
      '"team","photos/Jane+Doe%2B1.jpg","2048","etag"',
      '"team","photos/","0","etag"',
      '"team","photos/list.csv","12","etag"',
      '"other","x/%C3%89va.png","4","etag"',
    ].join("\n");
    expect(await manifestRows("csv", text, { manifestSources: ["s3://other/"] })).toEqual([
      {
        index: 0,
        id: "Jane Doe+1.jpg",
        source: "Jane Doe+1.jpg",
        destination: "Jane Doe+1.jpg",
        carried: { column_3: "2048", column_4: "etag" },
      },
      {
        index: 1,
        id: "s3://other/x/Éva.png",
        source: "s3://other/x/Éva.png",
        destination: "Éva.png",
        carried: { column_3: "4", column_4: "etag" },
      },
    ]);
  });

  it.each([
    ["no source column", "name,id\nJane,1\n", 'no "source" column'],
    ["no header", "a.jpg\nb.jpg\n", 'put a header line with "source" above'],
    ["no header and no photo", "jane.doe,x.y\nb,c\n", "lists no photo"],
    ["the source twice", "source,Source\na.jpg,b.jpg\n", "two columns called source"],
    ["a header and nothing else", "source,id\n\n;;\n".replace(";;", ","), "no rows"],
    ["blank lines only", "\n\r\n  \n", "is empty"],
    ["JSON lines", '{"source":"a.jpg"}\n', "looks like JSONL"],
    ["a header with a broken quote", '"source,id\na.jpg,1\n', "header (line 1)"],
  ])("with %s fails as a whole", async (_, text, words) => {
    await expect(manifestRows("csv", text)).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(words),
    });
  });

  it("fails as a whole when no row can fill the template", async () => {
    const reading = manifestRows("csv", "source,id\na.jpg,1\n", { template: "{department}/{id}" });
    await expect(reading).rejects.toMatchObject({ code: "invalid_input", field: "template" });
  });

  it.each([
    ["Foto,Abteilung,Ziel\na.jpg,IT,a\nb.jpg,IT,\n", "{Abteilng}/{Name}", "{Abteilng}", "did you mean {Abteilung}?"],
    ["source,destination\na.jpg,a\n", "{indx}", "{indx}", "did you mean {index}?"],
    ["source,destination\na.jpg,a\n", "{team}/{nmae}", "{team}, {nmae}", "did you mean {name}?"],
    ["source,destination\na.jpg,a\n", "{team}", "{team}", "use {path}"],
  ])("is rejected before its first row, %j, for the template %s", async (csv, template, asked, hint) => {
    const message = expect.stringMatching(
      new RegExp(`uses ${asked}, which the manifest does not have; ${hint}`.replaceAll(/[{}?]/g, "\\$&")),
    ) as string;
    await expect(manifestRows("csv", csv, { template })).rejects.toMatchObject({ field: "template", message });
  });
});

describe("a JSONL manifest", () => {
  it("is rejected before its first row when no object has a column of the template", async () => {
    const text = '{"source":"a.jpg","Abteilung":"IT","Ziel":"a"}\n{"source":"b.jpg","Abteilung":"IT"}\n';
    await expect(manifestRows("jsonl", text, { template: "{Abteilng}/{name}" })).rejects.toMatchObject({
      field: "template",
      message: expect.stringContaining("did you mean {Abteilung}?") as string,
    });
  });

  it.each([
    ["one object has it", '{"source":"a.jpg"}\n{"source":"b.jpg","team":"IT"}\n', [true, false]],
    ["all have a destination", '{"source":"a.jpg","destination":"a"}\n', [false]],
    ["the others cannot be read", '{"source":"a.jpg","destination":"a"}\n{"source":\n', [false, true]],
  ])("is read with a template if %s", async (_, text, rejected) => {
    const rows = await manifestRows("jsonl", text, { template: "{team}/{name}" });
    expect(rows.map((row) => "rejected" in row)).toEqual(rejected);
  });

  it("reads numbers and booleans as text, arrays of profiles, and nested columns as JSON", async () => {
    const text = [
      '{"source":"a.jpg","id":17,"profileIds":["x",9],"vip":true,"tags":["a"],"size":{"w":1},"none":null}',
      "",
      '  {"Source":"b.jpg","ID":"","prompt":"","mode":"max","profile_ids":"p q"}  \r',
    ].join("\n");
    expect(await manifestRows("jsonl", text)).toEqual([
      {
        index: 0,
        id: "17",
        source: "a.jpg",
        destination: "a.jpg",
        profileIds: ["x", "9"],
        carried: { vip: "true", tags: '["a"]', size: '{"w":1}', none: "" },
      },
      { index: 1, id: "b.jpg", source: "b.jpg", destination: "b.jpg", profileIds: ["p", "q"], mode: "max" },
    ]);
  });

  it("does not let a column become the prototype of the carried ones", async () => {
    const [row] = await manifestRows("jsonl", '{"source":"a.jpg","__proto__":{"polluted":1},"team":"x"}');
    expect(Object.entries(row?.carried ?? {})).toEqual([["team", "x"]]);
  });

  it.each([
    ["nothing in it", " ", "is empty"],
    ["blank lines only", "\n\n", "is empty"],
    ["a JSON array", '[{"source":"a.jpg"}]', "without brackets"],
    ["CSV in it", "source,id\na.jpg,1\n", "name the file .csv or set the format to csv"],
  ])("with %s fails as a whole", async (_, text, words) => {
    await expect(manifestRows("jsonl", text)).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(words),
    });
  });

  it("keeps any text of other columns unchanged", async () => {
    const carried = fc.dictionary(fc.stringMatching(/^c_[a-z0-9]{1,8}$/), fc.string({ unit: "binary" }), {
      minKeys: 1,
    });
    await fc.assert(
      fc.asyncProperty(carried, async (columns) => {
        fc.pre(!JSON.stringify(columns).includes("\uFFFD"));
        const rows = await manifestRows("jsonl", JSON.stringify({ source: "a.jpg", ...columns }));
        expect(rows).toEqual([{ index: 0, id: "a.jpg", source: "a.jpg", destination: "a.jpg", carried: columns }]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("a manifest", () => {
  it("that is missing fails with its name", async () => {
    await using folder = await fixture();
    const url = `${folder.url}team%20A.csv`;
    const reading = rowsOf(folder.open, { kind: "manifest", url, format: "csv", baseUrl: folder.url });
    await expect(reading).rejects.toMatchObject({
      code: "storage_not_found",
      message: expect.stringContaining("does not exist; check its name"),
    });
  });

  it("is found by a percent-encoded file URL", async () => {
    await using folder = await fixture();
    await folder.write("team A.csv", "source\na.jpg\n");
    const url = `${folder.url}team%20A.csv`;
    const rows = await rowsOf(folder.open, { kind: "manifest", url, format: "csv", baseUrl: folder.url });
    expect(rows).toEqual([{ index: 0, id: "a.jpg", source: "a.jpg", destination: "a.jpg" }]);
  });

  it("with an invalid base or name fails as a whole", async () => {
    await using folder = await fixture();
    for (const [url, baseUrl] of [
      ["file://host/team.csv", folder.url],
      ["s3://team/", folder.url],
      [`${folder.url}team.csv`, "file:///a%ZZ/"],
    ] as const) {
      const reading = rowsOf(folder.open, { kind: "manifest", url, format: "csv", baseUrl });
      await expect(reading).rejects.toMatchObject({ code: "invalid_input" });
    }
  });

  it("whose first thousand rows are all outside of the base is rejected as a whole, a shorter one row by row", async () => {
    const inventory = (rows: number) =>
      Array.from({ length: rows }, (_, index) => `"photos","team/p${index}.jpg"`).join("\n");
    const wishes = { baseUrl: "s3://inventories/photos/" };
    await expect(manifestRows("csv", inventory(SNAPSHOT_PART_ROWS), wishes)).rejects.toMatchObject({
      code: "invalid_input",
      field: "baseUrl",
      message: expect.stringMatching(/none of the first \d+ rows names a photo under the base; give another baseUrl/),
    });
    const few = await manifestRows("csv", inventory(20), wishes);
    expect(few).toHaveLength(20);
    expect(few.every((row) => "rejected" in row)).toBe(true);
    const good = await manifestRows("csv", `${inventory(SNAPSHOT_PART_ROWS)}\n"inventories","photos/a.jpg"`, {
      baseUrl: "s3://photos/",
    });
    expect(good.filter((row) => "rejected" in row)).toHaveLength(1);
  });

  it("stops when aborted", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(manifestRows("csv", "source\na.jpg\n", { signal })).rejects.toThrow("enough");
  });
});
