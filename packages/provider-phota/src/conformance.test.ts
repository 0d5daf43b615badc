import {
  describeConformance,
  readRecording,
  replay,
  RETRY_AFTER_S,
  type Scene,
} from "@darkroom/provider-kit/conformance";
import type { Stage } from "@darkroom/provider-kit/conformance";
import { FaultServer, type Reply } from "@darkroom/provider-kit/fault-server";
import { API_KEY, REQUEST } from "../test/harness.ts";
import { createPhota, RESPONSE_MODES, type ResponseMode } from "./index.ts";

/** Answers that differ between the two response modes. */
const BY_MODE: ReadonlySet<Scene> = new Set<Scene>([
  "picture",
  "picture_then_cut",
  "picture_then_silence",
  "variations",
  "strange_but_good",
]);
const NOBODY = "http://127.0.0.1:9";

async function recorded(path: string): Promise<Reply> {
  const words = { retryAfterS: String(RETRY_AFTER_S) };
  return replay(await readRecording(new URL(`../test/recordings/${path}.http`, import.meta.url), words));
}

async function open(responseMode: ResponseMode): Promise<Stage> {
  const server = await FaultServer.start(await recorded("health"));
  const provider = createPhota({ apiKey: API_KEY, baseUrl: server.url, responseMode });
  return {
    provider,
    apiKey: API_KEY,
    request: () => REQUEST,
    play: async (scene) => server.plan(await recorded(BY_MODE.has(scene) ? `${responseMode}/${scene}` : scene)),
    calls: () => server.requests.filter(({ line }) => line === "POST /v1/phota/enhance").length,
    close: async () => {
      await provider.close();
      await server.close();
    },
  };
}

for (const responseMode of RESPONSE_MODES) {
  describeConformance(`answers of Phota as its contract has them, results as ${responseMode}`, {
    plays: [...BY_MODE, "no_picture", "page"].filter((scene) => scene !== "picture") as Scene[],
    unreachable: () => createPhota({ apiKey: API_KEY, baseUrl: NOBODY, responseMode }),
    open: () => open(responseMode),
  });
}
