import type { RedisConnection } from "./connect.ts";
import { defineScript } from "./script.ts";

/** Maximum number of calls in one script. A longer script delays the commands of other clients. */
const MOST_CALLS = 50;

/** The arguments of a call. */
type Call = readonly (string | number)[];

/**
 * A Lua script that carries out several calls, each as one atomic step with its own reply. If there are several steps
 * and one fails, that step replies null. {@link ScriptBundles} then runs that step alone, which throws its error.
 */
export interface BundledScript {
  readonly lua: string;
  /** @returns a reply for each call, in order */
  run(redis: RedisConnection, keys: readonly string[], calls: readonly Call[]): Promise<readonly unknown[]>;
}

/**
 * @param before Lua shared by the calls: keys, helpers, the time
 * @param names variable names of a call's arguments in `step`
 * @param step Lua of one call; returns its reply, which must not be nil or false
 */
export function defineBundledScript(before: string, names: readonly string[], step: string): BundledScript {
  const lua = `${before}
local function step(${names.join(", ")})
${step}
end
if #ARGV == ${names.length} then return { step(unpack(ARGV)) } end
local answers = {}
for a = 1, #ARGV, ${names.length} do
  local isDone, answer = pcall(step, unpack(ARGV, a, a + ${names.length - 1}))
  answers[#answers + 1] = isDone and answer
end
return answers`;
  const script = defineScript(lua);
  return {
    lua,
    run: async (redis, keys, calls) => (await script.run(redis, keys, calls.flat())) as readonly unknown[],
  };
}

interface WaitingCall {
  readonly call: Call;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Bundle {
  readonly script: BundledScript;
  readonly keys: readonly string[];
  readonly waiting: WaitingCall[];
}

/**
 * Combines the calls of one turn of the event loop: one script for each script and set of keys. The calls of one turn
 * have no order among each other. If one call fails, or Redis refuses it, only that call's caller gets the error.
 */
export class ScriptBundles {
  readonly #redis: RedisConnection;
  readonly #due = new Map<BundledScript, Map<string, Bundle>>();
  #isScheduled = false;

  constructor(redis: RedisConnection) {
    this.#redis = redis;
  }

  /**
   * Executes one call.
   *
   * @param owner identifies the keys. Calls with the same owner share keys
   * @param keys returns the owner's keys; called once per bundle
   */
  run(script: BundledScript, owner: string, keys: () => readonly string[], call: Call): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let ofScript = this.#due.get(script);
      if (ofScript === undefined) this.#due.set(script, (ofScript = new Map()));
      let bundle = ofScript.get(owner);
      if (bundle === undefined) ofScript.set(owner, (bundle = { script, keys: keys(), waiting: [] }));
      bundle.waiting.push({ call, resolve, reject });
      if (bundle.waiting.length === MOST_CALLS) {
        ofScript.delete(owner);
        void this.#send(bundle);
      }
      if (this.#isScheduled) return;
      this.#isScheduled = true;
      setImmediate(() => this.#sendDue());
    });
  }

  #sendDue(): void {
    this.#isScheduled = false;
    for (const ofScript of this.#due.values()) {
      for (const bundle of ofScript.values()) void this.#send(bundle);
      ofScript.clear();
    }
  }

  async #send({ script, keys, waiting }: Bundle): Promise<void> {
    try {
      const answers = await script.run(
        this.#redis,
        keys,
        waiting.map(({ call }) => call),
      );
      for (const [place, each] of waiting.entries()) {
        const answer = answers[place];
        if (answer === null || answer === undefined) void this.#sendAlone(script, keys, each);
        else each.resolve(answer);
      }
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  async #sendAlone(script: BundledScript, keys: readonly string[], { call, resolve, reject }: WaitingCall) {
    try {
      const [answer] = await script.run(this.#redis, keys, [call]);
      resolve(answer);
    } catch (error) {
      reject(error);
    }
  }
}
