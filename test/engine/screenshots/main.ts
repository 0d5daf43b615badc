import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bringTestServers, startBrowser } from "@darkroom/testkit";
import { startShownEngine } from "./shown-engine.ts";
import { DOCS_SHOTS, EVERY_SHOT, takeShot } from "./shots.ts";

const HELP = `Usage: npm run screenshots -- [options]

Makes the pictures of the web page in docs/images from the running page, with the example team and the twin.

  --every <folder>  instead, every view at 390, 820 and 1440 px, light and dark, into a folder
`;

const { values } = parseArgs({ options: { every: { type: "string" }, help: { type: "boolean", short: "h" } } });
if (values.help === true) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const folder = values.every ?? fileURLToPath(new URL("../../../docs/images/", import.meta.url));
  await mkdir(folder, { recursive: true });
  const close = await bringTestServers();
  try {
    const browser = await startBrowser();
    const shown = await startShownEngine();
    try {
      for (const shot of values.every === undefined ? DOCS_SHOTS : EVERY_SHOT) {
        const path = join(folder, `${shot.name}.jpg`);
        await takeShot(browser, shown, { shot, path });
        process.stdout.write(`${path}\n`);
      }
    } finally {
      await browser.close();
      await shown.close();
    }
  } finally {
    await close();
  }
}
