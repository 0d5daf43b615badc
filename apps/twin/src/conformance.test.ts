import { randomUUID } from "node:crypto";
import { createEachSense, type Dialect } from "@darkroom/provider-each-sense";
import {
  describeConformance,
  OPTIONAL_SCENES,
  RETRY_AFTER_S,
  type Scene,
  type Stage,
} from "@darkroom/provider-kit/conformance";
import type { FaultInput } from "./fault.ts";
import { drawPortrait, PhotoServer } from "./test-photos.ts";
import { startTwin } from "./twin.ts";

const NOBODY = "http://127.0.0.1:9";

/** The fault that produces a scene of each::sense; absent for default behaviour. */
const FAULTS: Readonly<Partial<Record<Scene, FaultInput>>> = {
  cut: { kind: "memory_lost", events: 1 },
  silence: { kind: "silence", afterEvents: 1 },
  unauthorized: { kind: "http", status: 401 },
  no_balance: "balance",
  too_many: { kind: "http", status: 429, retryAfterS: RETRY_AFTER_S },
  malformed: { kind: "http", status: 422 },
  refused_content: "content_policy",
  unavailable: { kind: "http", status: 503 },
  picture_then_cut: "cut_after_generation",
  lost_and_remembered: "cut_after_events",
  no_picture: "no_output",
  question: "ask",
  busy: "session_busy",
  session_lost: "session_forgotten",
};

async function open(dialect: Dialect): Promise<Stage> {
  const twin = await startTwin({ latencyMs: 5, work: "light" });
  const photos = await new PhotoServer().start();
  const picture = await drawPortrait().jpeg().toBuffer();
  const provider = createEachSense({ apiKey: twin.apiKey, baseUrl: twin.url, dialect });
  return {
    provider,
    apiKey: twin.apiKey,
    request: () => {
      const name = randomUUID();
      const imageUrl = photos.put(`/${name}.jpg`, picture);
      return { sessionId: name, prompt: "Polish this portrait for a headshot", mode: "eco", imageUrl };
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

for (const dialect of ["chat", "chat-completions"] as const) {
  describeConformance(`each::sense against the twin, dialect ${dialect}`, {
    plays: OPTIONAL_SCENES.filter((scene) => FAULTS[scene] !== undefined),
    unreachable: () => createEachSense({ apiKey: "a-key", baseUrl: NOBODY, dialect }),
    open: () => open(dialect),
  });
}
