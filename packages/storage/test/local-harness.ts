import { createServer } from "node:http";
import { readdir } from "node:fs/promises";
import { once } from "node:events";
import { pipeline } from "node:stream/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { isDarkroomError } from "@darkroom/core";
import { tempFolder } from "@darkroom/testkit";
import { openStores, verifyLink, type Stores } from "../src/index.ts";
import type { StoreHarness } from "./suite-harness.ts";

export const LINK_SECRET = "a secret of the tests";

/** Returns every file and empty folder below `folder`, as relative paths. */
export async function everythingIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}

export interface LocalHarness extends StoreHarness {
  readonly folder: string;
  readonly stores: Stores;
}

/** Creates a local store in its own folder, with a server for its links. */
export async function startLocal(): Promise<LocalHarness> {
  const folder = await tempFolder();
  let port = 0;
  const stores = openStores({
    s3: {},
    local: { roots: [folder.path], linkBaseUrl: () => `http://127.0.0.1:${port}/`, linkSecret: LINK_SECRET },
  });
  const server = createServer((request, response) => {
    const serve = async (): Promise<void> => {
      const token = (request.url ?? "").split("/")[2] ?? "";
      const { storeUrl, key } = verifyLink(LINK_SECRET, token, Date.now());
      const { info, body } = await stores.open(storeUrl).get(key);
      response.writeHead(200, { "content-type": info.contentType ?? "application/octet-stream" });
      await pipeline(body, response);
    };
    serve().catch((error: unknown) => {
      const refused = isDarkroomError(error, "unauthorized") || isDarkroomError(error, "link_expired");
      response.writeHead(refused ? 403 : 500).end(refused ? error.code : "");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address !== null && typeof address === "object") port = address.port;
  return {
    folder: folder.path,
    stores,
    store: stores.open(pathToFileURL(folder.path).href),
    leftovers: () => everythingIn(folder.path),
    async close() {
      server.closeAllConnections();
      server.close();
      await stores.close();
      await folder.remove();
    },
  };
}
