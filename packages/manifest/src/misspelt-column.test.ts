import { readFile } from "node:fs/promises";
import { REPORT_COLUMNS } from "@darkroom/core";
import { expect, test } from "vitest";
import { COLUMN_ALIASES, columnKey, MANIFEST_COLUMNS } from "./columns.ts";
import { misspeltColumn } from "./misspelt-column.ts";

const ABSENT = MANIFEST_COLUMNS.filter((column) => column !== "source");

test.each([
  ["promt", "prompt"],
  ["Prompts", "prompt"],
  ["destinaton", "destination"],
  ["Destination:s", "destination"],
  ["dest", "destination"],
  ["Mdoe", "mode"],
  ["moode", "mode"],
  ["pre-sets", "preset"],
  ["intesity", "intensity"],
  ["intens", "intensity"],
  ["profile_isd", "profile_ids"],
  ["Vorlge", "preset"],
  ["Voreinstelung", "preset"],
  ["Moduss", "mode"],
  ["Mdous", "mode"],
  ["Moddo", "mode"],
  ["mod", "mode"],
  ["Zeil", "destination"],
  ["Zie", "destination"],
  ["Destinno", "destination"],
  ["Kenung", "id"],
])("%j was probably meant to be %j", (name, meant) => {
  expect(misspeltColumn(name, ABSENT)).toBe(meant);
});

const OWN_COLUMNS = `
  Department, Notes, Model, Role, Description, Number, Designation, Name, Team, Title, Email, Phone, Mobile
  Moderator, Module, Month, Code, Node, Present, President, Presse, Press, Price, Project, Product, Promo
  Program, Pronouns, Profession, Profile, Profile URL, Professor, Person, Internal, Interests, Identity
  Initials, IDs, UID, Idx, Index, Desk, Details, Destinatario, Destinataire, Deskripsi, Desired, Date, Dept
  Order, Size, Sort, Status, Abteilung, Vorname, Nachname, Rolle, Modell, Modul, Modus Operandi, Zieldatum
  Zielgruppe, Beschreibung, Nummer, Notiz, Personalnummer, Kennzeichen, Kennwort, Prokura, Profil, Pronomen
  Prénom, Poste, Préférence, Modèle, Service, Destinée, Intitulé, Identité, Numéro, Intérim, Nombre
  Zeile, Ziele, Zeit, Zahl, Zoll, Zimmer, Zelle, Modbus, Monat, Motto, Moto, Mono, Mood, Monto, Módulo, Método
  MDE, MDO, MwSt, Pro, Pre, Int, Des, Kennzahl, Identificación, Identification
  Apellido, Puesto, Modelo, Moda, Departamento, Descripción, Número, Interno, Presencia
`;

test.each([
  ...OWN_COLUMNS.split(/[,\n]/).flatMap((name) => name.trim() || []),
  ...REPORT_COLUMNS.filter((column) => !["source", "id", "destination"].includes(column)),
])("%s is a user's own column", (name) => {
  expect(misspeltColumn(name, ABSENT)).toBeUndefined();
});

test("suggests no column that the manifest already has", () => {
  expect(misspeltColumn("promt", ["mode", "preset"])).toBeUndefined();
});

test("docs/manifests.md lists the names in other languages", async () => {
  const docs = await readFile(new URL("../../../docs/manifests.md", import.meta.url), "utf8");
  for (const column of ABSENT.filter((name) => name !== "prompt")) {
    const told = new RegExp(`^\\| \`${column}\` \\|([^|]*)\\|$`, "m").exec(docs)?.[1] ?? "";
    const names = [...told.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => columnKey(name));
    expect(names, column).toEqual(COLUMN_ALIASES[column]);
  }
});

test("no name maps to two columns", () => {
  const names = MANIFEST_COLUMNS.flatMap((column) => [column.replaceAll("_", ""), ...COLUMN_ALIASES[column]]);
  expect(new Set(names).size).toBe(names.length);
});

test("recognizes every name in another language with a typo", () => {
  for (const column of ABSENT) {
    for (const alias of COLUMN_ALIASES[column]) {
      const doubled = alias.replace(/.$/u, "$&$&");
      expect(misspeltColumn(doubled, ABSENT), doubled).toBe(column);
    }
  }
});
