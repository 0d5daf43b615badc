import { isEnded, type BatchStatus } from "@darkroom/core";
import { batchLine, reportPlace, shownPlace, statusText } from "./batch-line.ts";
import { exitCodeOfState, Interrupted, type ExitCode } from "./exit-codes.ts";
import { createProgressView } from "./progress-view.ts";
import { TWIN_LANE, type ProviderChoice } from "./provider-choice.ts";
import type { Invocation } from "./run-command.ts";
import type { Session } from "./session.ts";
import { watchBatch } from "./watch.ts";

export interface FollowOptions {
  /** Who does the work in this process; only asked where it is this process that does it. */
  readonly provider: () => ProviderChoice;
  /** Store URL, where it is known. */
  readonly destination?: string | undefined;
}

/** Watches a batch to its end, and does its work where nobody else does. */
export async function followBatch(
  invocation: Invocation,
  session: Session,
  first: BatchStatus,
  options: FollowOptions,
): Promise<ExitCode> {
  const { terminal, signal } = invocation;
  const { client, local } = session;
  const tell = async (status: BatchStatus): Promise<void> => {
    const destination = options.destination ?? (await local?.destinationOf(status.id));
    tellEnd(invocation, status, reportPlace(status, destination, client.url), destination);
  };
  if (isEnded(first.state)) {
    await tell(first);
    return exitCodeOfState(first.state);
  }
  const view = createProgressView(terminal.streams.stderr);
  try {
    signal.throwIfAborted();
    if (local !== undefined) await local.startWork(options.provider());
    if (first.lane === TWIN_LANE)
      view.note("The twin does the work: nothing is paid, and the pictures are no real enhancements.");
    const ended = await watchBatch({ client, batchId: first.id, view, signal });
    view.close();
    await tell(ended);
    return exitCodeOfState(ended.state);
  } catch (error) {
    view.close();
    if (!(error instanceof Interrupted)) throw error;
    throw await afterInterrupt(invocation, session, first.id, tell);
  } finally {
    view.close();
  }
}

async function afterInterrupt(
  { terminal }: Invocation,
  { local, client }: Session,
  id: string,
  tell: (status: BatchStatus) => Promise<void>,
): Promise<Interrupted> {
  if (local === undefined) {
    if (terminal.json) await tell(await client.status(id));
    return new Interrupted(`The batch goes on without you. See it again with: darkroom watch ${id}`);
  }
  terminal.note(
    "Stopping: what is being enhanced gets a moment to end, the rest is kept for later. Ctrl-C again ends at once.",
  );
  await local.stopWork();
  const status = await client.status(id);
  if (terminal.json || isEnded(status.state)) await tell(status);
  return new Interrupted(`Stopped; nothing is lost. Go on with: darkroom watch ${id}`);
}

function tellEnd(
  { terminal }: Invocation,
  status: BatchStatus,
  report: string | null,
  destination: string | undefined,
): void {
  if (terminal.json) {
    terminal.data(batchLine(status, report));
    return;
  }
  terminal.say(statusText(status, report));
  if (destination !== undefined) terminal.say(`${"results".padEnd(10)} ${shownPlace(destination)}`);
}
