import {
  describeConformance,
  OPTIONAL_SCENES,
  readRecording,
  replay,
  RETRY_AFTER_S,
} from "@darkroom/provider-kit/conformance";
import type { Stage } from "@darkroom/provider-kit/conformance";
import { FaultServer, type Reply } from "@darkroom/provider-kit/fault-server";
import { API_KEY, REQUEST } from "../test/harness.ts";
import type { Dialect } from "./dialect.ts";
import { createEachSense } from "./index.ts";

/** Answers that are the same in both dialects. */
const SHARED: ReadonlySet<string> = new Set(["unauthorized", "too_many", "malformed", "unavailable", "page"]);
const NOBODY = "http://127.0.0.1:9";

const WORDS = { retryAfterS: String(RETRY_AFTER_S), sessionId: REQUEST.sessionId, prompt: REQUEST.prompt };

async function recorded(path: string): Promise<Reply> {
  return replay(await readRecording(new URL(`../test/recordings/${path}.http`, import.meta.url), WORDS));
}

async function open(dialect: Dialect): Promise<Stage> {
  const aside: Reply = async (call) => {
    const what = call.line.includes("/memory") ? (call.line.startsWith("GET") ? "memory" : "forgotten") : "health";
    await (
      await recorded(what)
    )(call);
  };
  const server = await FaultServer.start(aside);
  const provider = createEachSense({ apiKey: API_KEY, baseUrl: server.url, dialect });
  return {
    provider,
    apiKey: API_KEY,
    request: () => REQUEST,
    play: async (scene) => {
      const name = scene === "lost_and_remembered" ? "cut" : scene;
      server.plan(await recorded(SHARED.has(name) ? name : `${dialect}/${name}`));
    },
    calls: () => server.requests.filter(({ line }) => /^POST \/(?:chat|v1\/chat\/completions)$/.test(line)).length,
    close: async () => {
      await provider.close();
      await server.close();
    },
  };
}

const plays = OPTIONAL_SCENES.filter((scene) => scene !== "variations");

for (const dialect of ["chat", "chat-completions"] as const) {
  describeConformance(`recorded answers of each::sense, dialect ${dialect}`, {
    plays,
    unreachable: () => createEachSense({ apiKey: API_KEY, baseUrl: NOBODY, dialect }),
    open: () => open(dialect),
  });
}
