import { randomUUID } from "node:crypto";
import { describeConformance, RETRY_AFTER_S, type Scene, type Stage } from "@darkroom/provider-kit/conformance";
import { createPhota, RESPONSE_MODES, type ResponseMode } from "@darkroom/provider-phota";
import type { FaultInput } from "./fault.ts";
import { drawPortrait, PhotoServer } from "./test-photos.ts";
import { startTwin } from "./twin.ts";

const NOBODY = "http://127.0.0.1:9";

/** The fault that produces a scene of Phota; absent for default behaviour. */
const FAULTS: Readonly<Partial<Record<Scene, FaultInput>>> = {
  cut: "cut_mid_event",
  silence: "silence",
  unauthorized: { kind: "http", status: 401 },
  no_balance: "balance",
  too_many: { kind: "http", status: 429, retryAfterS: RETRY_AFTER_S },
  malformed: { kind: "http", status: 422 },
  refused_content: "content_policy",
  unavailable: { kind: "http", status: 503 },
  no_picture: "no_output",
  strange_but_good: "crlf",
};

async function open(responseMode: ResponseMode): Promise<Stage> {
  const twin = await startTwin({ latencyMs: 5, work: "light" });
  const photos = await new PhotoServer().start();
  const picture = await drawPortrait().jpeg().toBuffer();
  const provider = createPhota({ apiKey: twin.apiKey, baseUrl: twin.url, responseMode });
  return {
    provider,
    apiKey: twin.apiKey,
    request: () => {
      const name = randomUUID();
      const imageUrl = photos.put(`/${name}.jpg`, picture);
      return { sessionId: name, prompt: "Polish this portrait for a headshot", mode: "max", imageUrl };
    },
    play: (scene) => {
      const fault = FAULTS[scene];
      twin.faults.clear();
      if (fault !== undefined) twin.faults.add({ fault });
    },
    calls: () => twin.stats().calls,
    close: async () => {
      await provider.close();
      await twin.close();
      await photos.close();
    },
  };
}

for (const responseMode of RESPONSE_MODES) {
  describeConformance(`Phota against the twin, results as ${responseMode}`, {
    plays: ["no_picture", "variations", "strange_but_good"],
    unreachable: () => createPhota({ apiKey: "a-key", baseUrl: NOBODY, responseMode }),
    open: () => open(responseMode),
  });
}
