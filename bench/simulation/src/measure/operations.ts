import { Gate, Lane, type LaneConnection } from "@darkroom/lanes";
import { Bus, Ledger, sharedKeys, newClaimToken } from "@darkroom/ledger";
import { Lease } from "@darkroom/redis-kit";
import { batchSpec, ingestParts, outcome, receipt } from "./sample-batch.ts";
import { measureQueue } from "./queue-operations.ts";
import type { Cost, Operation } from "./measured.ts";
import type { MeasuredRedis } from "./private-redis.ts";

const NAMESPACE = "measure";
const LANE = "twin";
/** Connections that each send one command at a time, like a worker's slots that end at different times. */
const CONNECTIONS = 8;
const CALLS = 4_000;

/** Measures the cost of each operation for the thread of Redis that runs commands. */
export async function measureOperations(
  redis: MeasuredRedis,
): Promise<Record<Operation, Cost> & { readonly addJobOwnUs: number }> {
  const clients = Array.from({ length: CONNECTIONS }, (_, place) => redis.connect(`c${place}`, false));
  const client = clients[0] ?? redis.connect("c");
  const ledgers = clients.map((each) => new Ledger(each, NAMESPACE));
  const ledger = new Ledger(client, NAMESPACE);
  const gates = clients.map((each) => new Gate(each, NAMESPACE, LANE, { concurrency: 100_000, leaseMs: 24_000 }));
  const connection: LaneConnection = { redisUrl: redis.url, namespace: NAMESPACE, onError: () => undefined };

  /** Returns the CPU of Redis per call, for calls that arrive one by one on several connections. */
  const alone = async (
    calls: number,
    work: (index: number, connection: number) => Promise<unknown>,
  ): Promise<number> => {
    const before = await redis.cpuUs();
    await Promise.all(
      clients.map(async (_, at) => {
        for (let index = at; index < calls; index += CONNECTIONS) await work(index, at);
      }),
    );
    return ((await redis.cpuUs()) - before) / calls;
  };
  const lineOf = (small: number, few: number, large: number, many: number): Cost => {
    const each = Math.max(0, (large - small) / (many - few));
    return { base: Math.max(0, small - each * few), each };
  };
  const once = (base: number): Cost => ({ base, each: 0 });
  const at = <T>(all: readonly T[], place: number): T => all[place % all.length] as T;

  const spec = batchSpec("measured");
  await ledger.create(spec);
  await ingestParts(ledger, spec.id, 40);
  for (let sample = 0; sample < 120; sample += 1) await ledger.sample(spec.id, sample * 10, Date.now());

  // A peek changes nothing and can be repeated. The peeked portraits are marked one by one, and all at once.
  const peekOne = await alone(1_000, (_, by) => at(ledgers, by).backlog.peekPending(spec.id, 1));
  const peekMany = await alone(40, (_, by) => at(ledgers, by).backlog.peekPending(spec.id, 1_000));
  const mark = async (calls: number, size: number): Promise<number> => {
    const found = await ledger.backlog.peekPending(spec.id, calls * size);
    if (found === undefined) throw new Error("nothing is pending");
    return await alone(calls, (index, by) =>
      at(ledgers, by).backlog.markQueued(spec.id, {
        ...found,
        indexes: found.indexes.slice(index * size, (index + 1) * size),
      }),
    );
  };
  const markOne = await mark(1_000, 1);
  const markMany = await mark(16, 1_000);

  const tokens = Array.from({ length: CALLS }, () => newClaimToken("a-worker-of-this-machine-4711-0a1b2c3d"));
  const claim = await alone(CALLS, (index, by) => at(ledgers, by).claims.claim(spec.id, index, tokens[index] ?? ""));
  const write = await alone(CALLS, (index, by) =>
    at(ledgers, by).claims.writeReceipt(spec.id, index, tokens[index] ?? "", receipt(index)),
  );
  const enter = await alone(CALLS, (index, by) => at(gates, by).enter(tokens[index] ?? ""));
  const renewFew = await alone(400, (index, by) => at(gates, by).renew([tokens[index] ?? ""]));
  const renewMany = await alone(80, (_, by) => at(gates, by).renew(tokens.slice(0, 1_000)));
  const leave = await alone(CALLS, (index, by) => at(gates, by).leave(tokens[index] ?? ""));
  const settle = await alone(CALLS, (index, by) =>
    at(ledgers, by).claims.settle(spec.id, index, tokens[index] ?? "", outcome(index)),
  );
  const drainStart = await redis.cpuUs();
  const lines = await ledger.undrainedOutcomes(spec.id, CALLS);
  await ledger.acknowledgeOutcomes(spec.id, 0, lines.at(-1)?.entryId ?? "");
  const drain = ((await redis.cpuUs()) - drainStart) / lines.length;

  const readBatch = await alone(1_000, (_, by) => at(ledgers, by).read(spec.id));
  const readForDispatch = await alone(CALLS, (_, by) => at(ledgers, by).readForDispatch(spec.id));
  const lane = new Lane(connection, client, LANE);
  const readBlocked = await alone(CALLS, () => lane.blocked());
  const leases = clients.map((each) => new Lease(each, sharedKeys(NAMESPACE).lease("feed:twin"), 6_000));
  const lease = await alone(1_000, (_, by) => at(leases, by).hold(performance.now() + 1e9 * Math.random()));
  const exists = await alone(1_000, (_, by) => at(clients, by).exists(`{${NAMESPACE}:${LANE}}:portraits:none`));
  const together = redis.connect("together");
  const existsBefore = await redis.cpuUs();
  await Promise.all(Array.from({ length: 20_000 }, (_, place) => together.exists(`{${NAMESPACE}}:none-${place}`)));
  const existsTogether = ((await redis.cpuUs()) - existsBefore) / 20_000;

  // A heartbeat of packages/ledger is one command for the worker's own beat, and sometimes one more that reads all
  // beats.
  const beatsKey = sharedKeys(NAMESPACE).workers;
  const looks = async (workers: number): Promise<number> => {
    await client.del(beatsKey);
    const names = Array.from({ length: workers }, (_, place) => `a-worker-of-this-machine-${place}-0a1b2c3d`);
    for (const name of names) await client.hincrby(beatsKey, name, 1);
    return await alone(400, (_, by) => at(clients, by).hgetall(beatsKey));
  };
  const look = lineOf(await looks(10), 10, await looks(1_000), 1_000);
  const beat = await alone(1_000, (index, by) =>
    at(clients, by).hincrby(beatsKey, `a-worker-of-this-machine-${index}-0a1b2c3d`, 1),
  );

  const buses = clients.map((each) => new Bus(each, client, NAMESPACE));
  const tell = (): Promise<number> => alone(400, (_, by) => at(buses, by).nudge(LANE));
  const silent = await tell();
  const LISTENERS = 500;
  const listeners = Array.from({ length: LISTENERS }, (_, place) => redis.connect(`l${place}`));
  await Promise.all(listeners.map((each) => each.subscribe(sharedKeys(NAMESPACE).nudges)));
  const heard = await tell();
  if ((await client.publish(sharedKeys(NAMESPACE).nudges, LANE)) !== LISTENERS) throw new Error("nobody hears nudges");
  for (const each of listeners) each.disconnect();

  const queue = await measureQueue(redis, connection, lane);
  await lane.close();
  return {
    claim: once(claim),
    writeReceipt: once(write),
    settle: once(settle),
    gateEnter: once(enter),
    gateLeave: once(leave),
    gateRenew: lineOf(renewFew, 1, renewMany, 1_000),
    publish: lineOf(silent, 0, heard, LISTENERS),
    beat: once(beat),
    look,
    readBatch: once(readBatch),
    readForDispatch: once(readForDispatch),
    readBlocked: once(readBlocked),
    lease: once(lease),
    peek: lineOf(peekOne, 1, peekMany, 1_000),
    mark: lineOf(markOne, 1, markMany, 1_000),
    exists: once(exists),
    existsTogether: once(existsTogether),
    drain: { base: 0, each: drain },
    ...queue,
  };
}
