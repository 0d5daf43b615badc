import { afterEach, describe, expect, it } from "vitest";
import { buildPrompt, EMPTY_RECEIPT, lastCall, resolveRecipe, type RecipeInput } from "@darkroom/core";
import { promptHash, type LedgerSnapshot, type TwinOptions } from "@darkroom/twin";
import { startEngine, type Engine } from "../kit/engine.ts";
import { killAt } from "../kit/kill-at.ts";

const STEPS = ["Warmer light.", "Softer skin.", "A grey background.", "A little contrast."];
const RECIPE: RecipeInput = { steps: STEPS.map((prompt) => ({ prompt })), mode: "eco" };
const HASHES = STEPS.map((_, step) => promptHash(buildPrompt(resolveRecipe(RECIPE), step)));

/** Returns how often each step was paid. */
function paidTurns({ bills }: LedgerSnapshot): number[] {
  return HASHES.map((hash) => bills.filter((bill) => bill.promptHash === hash).length);
}

function endings({ calls }: LedgerSnapshot): string[] {
  return Object.values(calls)
    .flat()
    .map(({ ending }) => ending);
}

let engine: Engine | undefined;
afterEach(async () => {
  await engine?.close();
  engine = undefined;
});

async function portraitWith(twin: TwinOptions) {
  engine = await startEngine({ twin: { latencyMs: 20, ...twin } });
  await engine.addPhotos(1);
  const batch = await engine.submit({ recipe: RECIPE });
  await engine.ended(batch);
  return { line: (await engine.report(batch))[0], ledger: engine.twin.ledger() };
}

describe("a recipe of four steps", () => {
  it("is four paid turns in one session, with the photo only in the first", async () => {
    const { line, ledger } = await portraitWith({});
    expect(line).toMatchObject({ outcome: "ok", attempts: 1, billed: "yes" });
    expect(paidTurns(ledger)).toEqual([1, 1, 1, 1]);
    expect(new Set(ledger.bills.map(({ session }) => session)).size).toBe(1);
    expect(ledger.bills.map(({ turn }) => turn)).toEqual([1, 2, 3, 4]);
  });

  it("whose session is lost in the third continues in a new one, from the second's picture", async () => {
    const { line, ledger } = await portraitWith({ faults: [{ match: { call: 3 }, fault: "session_forgotten" }] });
    expect(line).toMatchObject({ outcome: "ok", billed: "yes" });
    expect(paidTurns(ledger)).toEqual([1, 1, 1, 1]);
    const [, second, third, fourth] = ledger.bills;
    expect(third?.session).toBe(`${second?.session}-g1`);
    expect(fourth?.session).toBe(third?.session);
    const calls = Object.values(ledger.calls).flat();
    expect(calls.filter(({ startsFrom }) => startsFrom !== null)).toMatchObject([
      { session: third?.session, startsFrom: second?.url },
    ]);
  });

  it("whose sessions are lost repeatedly fails, and reports what was paid", async () => {
    const { line, ledger } = await portraitWith({
      // The first two calls succeed. Every other call finds its session gone.
      faults: [
        { match: { call: 1 }, fault: "crlf" },
        { match: { call: 2 }, fault: "crlf" },
        { match: { call: "every" }, fault: "session_forgotten" },
      ],
    });
    expect(line).toMatchObject({ outcome: "provider_error", billed: "yes" });
    expect(paidTurns(ledger)).toEqual([1, 1, 0, 0]);
  });

  it("that gets a question in the third step is answered there, and continues", async () => {
    engine = await startEngine({
      twin: { latencyMs: 20, faults: [{ match: { call: 3 }, fault: { kind: "ask", untilAnswered: true } }] },
    });
    await engine.addPhotos(1);
    const batch = await engine.submit({ recipe: { ...RECIPE, clarificationAnswer: "As before." } });
    await engine.ended(batch);
    expect((await engine.report(batch))[0]).toMatchObject({ outcome: "ok", billed: "yes" });
    expect(paidTurns(engine.twin.ledger())).toEqual([1, 1, 1, 1]);
    const said = Object.values(engine.twin.ledger().calls).flat();
    expect(said.filter((call) => call.promptHash === promptHash("As before."))).toHaveLength(1);
  });
});

describe.concurrent("a worker that is killed in the third of four steps", () => {
  it(
    "while the provider works: the next one waits for its busy session, and pays nothing again",
    { timeout: 240_000 },
    async () => {
      const { ledger, line } = await killAt(
        {
          when: "the third call is worked on",
          // Much longer than the takeover of the dead worker's portrait.
          twin: { latencyMs: ({ call }) => (call === 3 ? 30_000 : 50) },
          reached: ({ twin }) =>
            twin.stats().openStreams === 1 && Object.values(twin.ledger().calls).flat().length === 3,
        },
        RECIPE,
        { DARKROOM_IDLE_MS: "50000" },
      );
      expect(line).toMatchObject({ outcome: "ok", billed: "yes", attempts: 1 });
      expect(paidTurns(ledger)).toEqual([1, 1, 1, 1]);
      expect(endings(ledger)).toContain("error:SESSION_BUSY");
    },
  );

  it(
    "whose answer was lost and forgotten: one more is paid, and the line says maybe",
    { timeout: 240_000 },
    async () => {
      const { atDeath, ledger, line } = await killAt(
        {
          when: "the third turn is paid and forgotten",
          twin: { faults: [{ match: { call: 3 }, fault: "memory_lost" }] },
          // If a worker dies before it has recorded that the call had begun, the call leaves no trace.
          reached: async ({ twin, ledger }, batch) =>
            twin.ledger().billed === 3 &&
            lastCall((await ledger.receipt(batch, 0)) ?? EMPTY_RECEIPT)?.trace === "begun",
        },
        RECIPE,
        { DARKROOM_DEADLINE_MS: "3000", DARKROOM_IDLE_MS: "2000" },
      );
      expect(atDeath.billed).toBe(3);
      expect(line).toMatchObject({ outcome: "ok", billed: "maybe" });
      expect(paidTurns(ledger)).toEqual([1, 1, 2, 1]);
    },
  );

  it("whose request never arrived: one more is sent, and none is paid twice", { timeout: 240_000 }, async () => {
    const { atDeath, ledger, line } = await killAt(
      {
        when: "the third request is lost",
        twin: { faults: [{ match: { call: 3 }, fault: "reset" }] },
        reached: ({ twin }) => endings(twin.ledger()).includes("reset"),
      },
      RECIPE,
      { DARKROOM_BACKOFF_BASE_MS: "4000", DARKROOM_BACKOFF_CAP_MS: "4000" },
    );
    expect(atDeath.billed).toBe(2);
    expect(line).toMatchObject({ outcome: "ok", billed: "yes" });
    expect(paidTurns(ledger)).toEqual([1, 1, 1, 1]);
    expect(endings(ledger).filter((ending) => ending === "complete")).toHaveLength(4);
  });
});
