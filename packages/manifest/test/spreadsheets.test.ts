import { describe, expect, it } from "vitest";
import { manifestRows } from "./fixture.ts";

async function refusal(content: string | Uint8Array): Promise<string> {
  return await manifestRows("csv", content).then(
    () => "taken",
    (error: Error) => error.message,
  );
}

describe("a real-world CSV file:", () => {
  it("lines that end with CR CR LF, as written by Python on Windows", async () => {
    const lines = ["source,id,team", 'ada.jpg,1,"sales"', "bob.jpg,2,north", 'cy.jpg,3,"a ""b"""', ""];
    for (const content of [lines.join("\r\r\n"), lines.join("\r\r\n").trimEnd()]) {
      expect(await manifestRows("csv", content)).toMatchObject([
        { source: "ada.jpg", carried: { team: "sales" } },
        { source: "bob.jpg", carried: { team: "north" } },
        { source: "cy.jpg", carried: { team: 'a "b"' } },
      ]);
    }
  });

  it("Windows-1252 from a German Excel is accepted with a note", async () => {
    const notes: string[] = [];
    const content = Buffer.from("Foto;Name\r\nmueller.jpg;M\xfcller\r\nzoe.jpg;Zo\xeb\r\n", "latin1");
    const rows = await manifestRows("csv", content, { onNote: (note) => notes.push(note) });
    expect(rows).toMatchObject([
      { source: "mueller.jpg", carried: { Name: "Müller" } },
      { source: "zoe.jpg", carried: { Name: "Zoë" } },
    ]);
    expect(notes).toEqual([expect.stringContaining("Windows-1252")]);
  });

  it("UTF-8 stays UTF-8, whatever comes later in the file", async () => {
    const content = Buffer.concat([
      Buffer.from("source,name\na.jpg,Zoë\n"),
      Buffer.from("b.jpg,M\xfcller\n", "latin1"),
    ]);
    expect(await manifestRows("csv", content)).toMatchObject([
      { carried: { name: "Zoë" } },
      { rejected: { message: expect.stringContaining("CSV UTF-8") } },
    ]);
  });

  it.each(["Picture", "Photo URL", "Headshot", "Link", "Bild", "Foto", "Image_File"])(
    "a column %s contains the photos",
    async (column) => {
      expect(await manifestRows("csv", `Name,${column}\nAda,ada.jpg\n`)).toMatchObject([{ source: "ada.jpg" }]);
    },
  );

  it("a title above the header is recognized, and reported by its line", async () => {
    const content = "Team Oslo;;\n;;\nName;Foto;Mode\nAda;ada.jpg;eco\n";
    expect(await refusal(content)).toContain("the header seems to be in line 3: delete the lines above it");
    expect(await refusal("Name;Dateiname (Bild)\nAda;team\\ada.jpg\n")).toContain(
      'the column "Dateiname (Bild)" seems to contain the photos: call it "source"',
    );
    expect(await refusal("Name,Age\nAda,3\n")).toMatch(/these names are accepted too: file, filename, .*bild, .*foto/);
  });

  it("columns may be separated by |", async () => {
    for (const content of ["Foto|Name\na.jpg|Ada\n", "sep=|\nFoto|Name\na.jpg|Ada\n"]) {
      expect(await manifestRows("csv", content)).toMatchObject([{ source: "a.jpg", carried: { Name: "Ada" } }]);
    }
    const [row] = await manifestRows("csv", "source,profile_ids\na.jpg,p|q\n");
    expect(row).toMatchObject({ source: "a.jpg", profileIds: ["p", "q"] });
  });

  it("a repeated photo is reported in plain words", async () => {
    expect(await manifestRows("csv", "source\nada.jpg\nada.jpg\n")).toMatchObject([
      { id: "ada.jpg" },
      {
        rejected: {
          message: expect.stringMatching(/already has the photo "ada\.jpg", which is enhanced once; delete/),
        },
      },
    ]);
  });

  it.each([
    ["an .xlsx", Buffer.from("PK\x03\x04\x14\0\x06\0\x08\0[Content_Types].xml", "latin1"), "an Excel workbook"],
    ["an .xls", Buffer.from("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "latin1"), "an Excel workbook"],
    ["an .ods", Buffer.from("PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), ".ods"],
    ["a .numbers", Buffer.from("PK\x03\x04\0\0Index/Document.iwa"), "a Numbers spreadsheet"],
  ])("%s is rejected with the way to save it", async (_, content, words) => {
    expect(await refusal(content)).toContain(words);
    expect(await refusal(content)).toContain('save the sheet as "CSV UTF-8"');
  });
});
