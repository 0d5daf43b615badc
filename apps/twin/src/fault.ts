import { z } from "zod";

interface FaultRule {
  /** True if a faulted call is billed. */
  readonly billed: boolean;
  /** The session's memory after the fault. */
  readonly recorded: "with picture" | "without picture" | "no";
  /** The effect in one line. A test compares kinds, billing and memory with `docs/twin.md`. */
  readonly meaning: string;
}

/** Every fault of the simulator, with billing and memory. */
export const FAULTS = {
  http: { billed: false, recorded: "no", meaning: "answers with an HTTP error status" },
  reset: { billed: false, recorded: "no", meaning: "resets the connection; the request never arrived" },
  reset_after_accept: { billed: true, recorded: "with picture", meaning: "resets the connection; the work continues" },
  no_headers: { billed: true, recorded: "with picture", meaning: "never sends headers; the work continues" },
  cut_after_events: { billed: true, recorded: "with picture", meaning: "cuts the stream after some events" },
  cut_after_generation: { billed: true, recorded: "with picture", meaning: "cuts after the URL, before `complete`" },
  cut_mid_event: { billed: true, recorded: "with picture", meaning: "cuts in the middle of the event with the URL" },
  silence: { billed: true, recorded: "with picture", meaning: "stops sending; the connection stays open" },
  trickle: { billed: true, recorded: "with picture", meaning: "sends progress forever, but never the URL" },
  memory_lost: { billed: true, recorded: "no", meaning: "cuts before the URL and forgets the exchange" },
  error_event: { billed: false, recorded: "without picture", meaning: "a custom `error` event" },
  content_policy: { billed: false, recorded: "without picture", meaning: "refuses the content" },
  no_face: { billed: false, recorded: "without picture", meaning: "reports that there is no face" },
  balance: { billed: false, recorded: "without picture", meaning: "reports that the balance is too low" },
  ask: { billed: false, recorded: "without picture", meaning: "asks a question instead of working" },
  complete_error: { billed: false, recorded: "without picture", meaning: "`complete` with status `error`" },
  no_output: { billed: false, recorded: "without picture", meaning: "`complete: ok` without a picture" },
  workflow: { billed: true, recorded: "with picture", meaning: "makes the picture in a workflow of steps" },
  drafts: { billed: true, recorded: "with picture", meaning: "shows drafts before the final picture" },
  bad_output: {
    billed: true,
    recorded: "with picture",
    meaning: "returns a missing, corrupt, unchanged, re-encoded, blank or video result",
  },
  wrong_face: {
    billed: true,
    recorded: "with picture",
    meaning: "returns another person, one picture for all, or a changed, second or lost face",
  },
  c2pa: { billed: true, recorded: "with picture", meaning: "puts a C2PA manifest into the picture's file" },
  slow_download: { billed: true, recorded: "with picture", meaning: "the result downloads slowly" },
  session_busy: { billed: false, recorded: "no", meaning: "reports that the session is still busy" },
  session_forgotten: { billed: false, recorded: "no", meaning: "drops the session and reports it" },
  split_utf8: { billed: true, recorded: "with picture", meaning: "splits characters over network packets" },
  crlf: { billed: true, recorded: "with picture", meaning: "ends lines with CRLF" },
  unrecognised: { billed: true, recorded: "with picture", meaning: "Phota recognises none of the profiles" },
} as const satisfies Record<string, FaultRule>;

export type FaultKind = keyof typeof FAULTS;

const count = z.int().min(0).max(10_000);

function plain<const K extends FaultKind>(kind: K) {
  return z.strictObject({ kind: z.literal(kind) });
}

const faultObjectSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("http"),
    status: z
      .union([400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503].map((status) => z.literal(status)))
      .default(503),
    /** Sent as `Retry-After`, in seconds. */
    retryAfterS: z.number().min(0).optional(),
    /** The JSON body. Defaults to a body that matches the status. */
    body: z.json().optional(),
  }),
  plain("reset"),
  plain("reset_after_accept"),
  plain("no_headers"),
  z.strictObject({ kind: z.literal("cut_after_events"), events: count.default(4) }),
  plain("cut_after_generation"),
  plain("cut_mid_event"),
  z.strictObject({ kind: z.literal("silence"), afterEvents: count.default(4) }),
  z.strictObject({
    kind: z.literal("trickle"),
    afterEvents: count.default(4),
    /** Provider time between two events. */
    everyMs: z.number().positive().default(1_000),
  }),
  z.strictObject({ kind: z.literal("memory_lost"), events: count.default(4) }),
  z.strictObject({
    kind: z.literal("error_event"),
    message: z.string().default("The service is temporarily unavailable"),
    error_code: z.string().optional(),
    details: z.record(z.string(), z.json()).optional(),
    /** Seconds. */
    retry_after: z.number().min(0).optional(),
  }),
  plain("content_policy"),
  plain("no_face"),
  plain("balance"),
  z.strictObject({
    kind: z.literal("ask"),
    question: z.string().default("Which look would you like for this portrait?"),
    options: z.array(z.string()).default(["Natural", "Studio"]),
    /** The error's name in `complete`. The provider uses two different names. */
    status: z.enum(["awaiting_input", "clarification_needed"]).default("awaiting_input"),
    /** If true, asks in each session until it is answered there; otherwise asks at each call. */
    untilAnswered: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal("complete_error"),
    message: z.string().default("The request could not be completed"),
  }),
  plain("no_output"),
  plain("workflow"),
  z.strictObject({
    kind: z.literal("drafts"),
    /** Number of pictures before the last. */
    drafts: z.int().min(1).max(8).default(2),
    /** Provider time between pictures. */
    apartMs: z.number().min(0).default(0),
  }),
  z.strictObject({
    kind: z.literal("bad_output"),
    output: z.enum(["missing", "corrupt", "unchanged", "unchanged_reencoded", "blank", "video"]).default("corrupt"),
  }),
  z.strictObject({
    kind: z.literal("wrong_face"),
    face: z
      .enum(["another_person", "same_for_all", "same_reencoded", "narrowed", "lightened", "second_face", "lost_face"])
      .default("another_person"),
  }),
  plain("c2pa"),
  z.strictObject({
    kind: z.literal("slow_download"),
    /** Provider time that the whole download takes. */
    downloadMs: z.number().positive().default(60_000),
  }),
  plain("session_busy"),
  plain("session_forgotten"),
  plain("split_utf8"),
  plain("crlf"),
  plain("unrecognised"),
]);

/** A fault: its kind with settings, or the kind alone for the defaults. */
export const faultSchema = z.preprocess(
  (value) => (typeof value === "string" ? { kind: value } : value),
  faultObjectSchema,
);

export type Fault = z.output<typeof faultObjectSchema>;
export type FaultInput = z.input<typeof faultObjectSchema> | FaultKind;
