import type { Command } from "commander";
import type { Surroundings } from "./run-command.ts";

/** A module that defines commands. Loaded only when one of its commands runs. */
interface CommandModule {
  /** The heading in the program's help. */
  readonly group: string;
  /** Command name → its line in the program's help. */
  readonly summaries: Readonly<Record<string, string>>;
  readonly load: () => Promise<(program: Command, surroundings: Surroundings) => void>;
}

const BATCHES = "Batches:";
const THIS_MACHINE = "This machine:";

/** All commands, in the order of the program's help. */
export const COMMAND_MODULES: readonly CommandModule[] = [
  {
    group: BATCHES,
    summaries: {
      enhance: "enhance portraits and watch until they are done",
      submit: "submit a batch and print its id",
    },
    load: async () => (await import("./commands/enhance.ts")).addSubmitCommands,
  },
  {
    group: BATCHES,
    summaries: {
      status: "show a batch's progress",
      watch: "watch a batch until it is done or waits for you",
    },
    load: async () => (await import("./commands/status.ts")).addStatusCommands,
  },
  {
    group: BATCHES,
    summaries: { list: "list the batches, newest first", portraits: "list a batch's portraits" },
    load: async () => (await import("./commands/list.ts")).addListCommands,
  },
  {
    group: BATCHES,
    summaries: { events: "list what has happened to the batches, or follow it" },
    load: async () => (await import("./commands/events.ts")).addEventsCommand,
  },
  {
    group: BATCHES,
    summaries: {
      confirm: "start a batch that waits for confirmation",
      approve: "approve the pilot and continue the batch",
      pause: "pause a batch; portraits in flight finish",
      resume: "continue a paused batch",
      cancel: "end a batch; pending portraits never start",
    },
    load: async () => (await import("./commands/moves.ts")).addMoveCommands,
  },
  {
    group: BATCHES,
    summaries: { retry: "retry failed portraits and watch until they are done" },
    load: async () => (await import("./commands/retry.ts")).addRetryCommand,
  },
  {
    group: BATCHES,
    summaries: {
      questions: "list what the provider asks about a batch's portraits",
      answer: "answer for all portraits that ask, and watch until they are done",
    },
    load: async () => (await import("./commands/questions.ts")).addQuestionCommands,
  },
  {
    group: BATCHES,
    summaries: { review: "approve or reject results, or list such decisions" },
    load: async () => (await import("./commands/review.ts")).addReviewCommand,
  },
  {
    group: BATCHES,
    summaries: { redo: "order other results with a note, and watch until they are done" },
    load: async () => (await import("./commands/redo.ts")).addRedoCommand,
  },
  {
    group: BATCHES,
    summaries: { actions: "do one thing to all portraits that match" },
    load: async () => (await import("./commands/actions.ts")).addActionsCommand,
  },
  {
    group: BATCHES,
    summaries: { deliver: "copy what is approved to a final place" },
    load: async () => (await import("./commands/deliver.ts")).addDeliverCommand,
  },
  {
    group: BATCHES,
    summaries: { link: "make a link by which a client sees one batch, or list such links" },
    load: async () => (await import("./commands/link.ts")).addLinkCommand,
  },
  {
    group: BATCHES,
    summaries: { report: "print one line per portrait of a batch that has ended" },
    load: async () => (await import("./commands/report.ts")).addReportCommand,
  },
  {
    group: BATCHES,
    summaries: { results: "save the results of a batch as a ZIP" },
    load: async () => (await import("./commands/results.ts")).addResultsCommand,
  },
  {
    group: BATCHES,
    summaries: { costs: "show spending by day, lane or batch" },
    load: async () => (await import("./commands/costs.ts")).addCostsCommand,
  },
  {
    group: BATCHES,
    summaries: {
      recover: "rebuild batches that Redis has lost, from their destination alone",
      reconcile: "compare what Redis, the queue and the store say about a batch",
    },
    load: async () => (await import("./commands/recovery.ts")).addRecoveryCommands,
  },
  {
    group: BATCHES,
    summaries: { clean: "delete the working files of a batch that has ended" },
    load: async () => (await import("./commands/clean.ts")).addCleanCommand,
  },
  {
    group: BATCHES,
    summaries: { schedule: "manage recurring batches (cron)" },
    load: async () => (await import("./commands/schedule.ts")).addScheduleCommands,
  },
  {
    group: BATCHES,
    summaries: { lanes: "list the provider accounts, their limits, and why one is blocked" },
    load: async () => (await import("./commands/lanes.ts")).addLanesCommand,
  },
  {
    group: BATCHES,
    summaries: { keys: "create, list, rotate and revoke API keys" },
    load: async () => (await import("./commands/keys.ts")).addKeysCommand,
  },
  {
    group: BATCHES,
    summaries: { webhooks: "send the events of batches to URLs, or to this machine" },
    load: async () => (await import("./commands/webhooks.ts")).addWebhooksCommand,
  },
  {
    group: THIS_MACHINE,
    summaries: { start: "run everything on this machine until Ctrl-C" },
    load: async () => (await import("./commands/start.ts")).addStartCommand,
  },
  {
    group: THIS_MACHINE,
    summaries: { demo: "see everything work in about a minute, without a key" },
    load: async () => (await import("./commands/demo.ts")).addDemoCommand,
  },
  {
    group: THIS_MACHINE,
    summaries: { doctor: "check what Darkroom needs on this machine" },
    load: async () => (await import("./commands/doctor.ts")).addDoctorCommand,
  },
  {
    group: THIS_MACHINE,
    summaries: { presets: "list presets and options" },
    load: async () => (await import("./commands/presets.ts")).addPresetsCommand,
  },
  {
    group: THIS_MACHINE,
    summaries: { inspect: "show what a picture's file says about how it was made" },
    load: async () => (await import("./commands/inspect.ts")).addInspectCommand,
  },
];

/** Commands that know all others: the scripts that the first one prints call the second one. */
export const COMPLETION_COMMANDS: readonly string[] = ["completion", "complete"];

/** Returns the command in the arguments, if any. `help NAME` means `NAME --help`. */
export function namedCommand(args: readonly string[]): string | undefined {
  const [first, second] = args.filter((arg) => !arg.startsWith("-"));
  return first === "help" ? second : first;
}
