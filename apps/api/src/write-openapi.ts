import { writeFile } from "node:fs/promises";
import { createServer } from "./server.ts";

/** Path of the generated OpenAPI document. */
export const OPENAPI_FILE = new URL("../../../docs/openapi.json", import.meta.url);

/** Generates the OpenAPI document as stored in the repository. Needs neither Redis nor a store. */
export async function openApiText(): Promise<string> {
  const app = await createServer({ apiKey: undefined });
  await app.ready();
  const text = `${JSON.stringify(app.swagger(), undefined, 2)}\n`;
  await app.close();
  return text;
}

if (import.meta.main) await writeFile(OPENAPI_FILE, await openApiText());
