import { answer, dropped, FaultServer, silent, type Reply } from "../fault-server.ts";
import { ExampleProvider } from "./example-provider.ts";
import { describeConformance, RETRY_AFTER_S, type Scene } from "./index.ts";

const API_KEY = "retoucher-key-0123456789";

const REPLIES: Readonly<Partial<Record<Scene, Reply>>> = {
  picture: answer(200, { link: "https://cdn.retoucher.example/1.jpg?signature=abc" }),
  cut: dropped,
  silence: silent,
  unauthorized: answer(401, { error: `the key ${API_KEY} is not known` }),
  no_balance: answer(402, { error: "no credit" }),
  too_many: answer(429, { error: "slow down" }, { "retry-after": String(RETRY_AFTER_S) }),
  malformed: answer(422, { error: "words: too long" }),
  refused_content: answer(400, { error: "not allowed" }),
  unavailable: answer(503, { error: "back soon" }),
  page: answer(502, "<h1>Bad gateway</h1>"),
  strange_but_good: answer(200, { link: "https://cdn.retoucher.example/2.jpg", mood: ["good"] }),
};

describeConformance("the example of docs/providers.md", {
  plays: ["page", "strange_but_good"],
  unreachable: () => new ExampleProvider({ apiKey: API_KEY, baseUrl: "http://127.0.0.1:9" }),
  open: async () => {
    const server = await FaultServer.start(answer(200, { ok: true }));
    const provider = new ExampleProvider({ apiKey: API_KEY, baseUrl: server.url });
    return {
      provider,
      apiKey: API_KEY,
      request: () => ({
        sessionId: "darkroom-batch-7",
        prompt: "Polish this portrait for a headshot",
        mode: "eco",
        imageUrl: "https://store.example/in.jpg?X-Amz-Signature=feedface",
      }),
      play: (scene) => {
        const reply = REPLIES[scene];
        if (reply === undefined) throw new RangeError(`no reply for the scene ${scene}`);
        server.plan(reply);
      },
      calls: () => server.requests.filter(({ line }) => line === "POST /retouch").length,
      close: async () => {
        await provider.close();
        await server.close();
      },
    };
  },
});
