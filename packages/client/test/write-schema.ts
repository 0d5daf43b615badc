import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const DOCUMENT = new URL("../../../docs/openapi.json", import.meta.url);
const SCHEMA = new URL("../src/schema.ts", import.meta.url);
const HEAD = "// Generated from docs/openapi.json by `npm run openapi`.\n\n";

/** Generates the types of the API from its document. */
async function schemaText(): Promise<string> {
  const document = JSON.parse(await readFile(DOCUMENT, "utf8")) as Parameters<typeof openapiTS>[0];
  const nodes = await openapiTS(document, {
    // A request may leave out what has a default.
    defaultNonNullable: false,
    rootTypes: true,
    rootTypesNoSchemaPrefix: true,
    silent: true,
  });
  return `${HEAD}${astToString(nodes)}`;
}

const text = await schemaText();
if (!process.argv.includes("--check")) await writeFile(SCHEMA, text);
else if ((await readFile(SCHEMA, "utf8").catch(() => "")) !== text) {
  console.error("packages/client/src/schema.ts differs from docs/openapi.json: npm run openapi");
  process.exitCode = 1;
}
