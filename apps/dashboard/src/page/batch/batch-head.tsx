import { shownUsd } from "@darkroom/core/usd-text";
import type { BatchStatus } from "../api/types.ts";
import { batchTitle, isEnded, stateWords, waitLines } from "../text/batch-words.ts";
import { count, timeLeft } from "../text/numbers.ts";
import { ProgressBar } from "../ui/progress-bar.tsx";
import { StateBadge } from "../ui/state-badge.tsx";
import { BatchActions } from "./batch-actions.tsx";
import { FailureList } from "./failure-list.tsx";
import { LeftBehindList } from "./left-behind.tsx";
import { QuestionList } from "./question-list.tsx";

export interface BatchHeadProps {
  readonly status: BatchStatus;
  readonly connected: boolean;
  readonly onChange: (status: BatchStatus) => void;
}

/** Shows a batch's name, state, costs and wait reasons. */
export function BatchHead({ status, connected, onChange }: BatchHeadProps) {
  const { counts, recipe } = status;
  const ended = counts.succeeded + counts.skipped + counts.failed + counts.cancelled;
  return (
    <section class="batch-page">
      <div class="batch-head">
        <h1>{batchTitle(status)}</h1>
        <StateBadge {...stateWords(status)} />
        {connected ? null : <span class="badge warn">connection lost, trying again</span>}
      </div>
      <ProgressBar counts={counts} />
      <p class="facts">
        <span>
          {ended.toLocaleString("en")} of {count(counts.total, "portrait")}
          {status.ingested ? "" : " so far"}
        </span>
        {status.secondsLeft === null || isEnded(status) ? null : <span>{timeLeft(status.secondsLeft)}</span>}
        <span>
          {recipe.steps.join(", then ")}
          {recipe.mode === null ? "" : ` (${recipe.mode})`}
        </span>
      </p>
      <Money status={status} />
      <Waits lines={isEnded(status) && status.reason === null ? [] : waitLines(status)} />
      {isEnded(status) && status.reason !== null ? <p class="wait">{status.reason}</p> : null}
      <FailureList status={status} onChange={onChange} />
      <LeftBehindList status={status} />
      <QuestionList status={status} onChange={onChange} />
      <BatchActions status={status} onChange={onChange} />
    </section>
  );
}

function Money({ status }: { readonly status: BatchStatus }) {
  const { costUsd, maxCostUsd, lostUsd, maybeUsd, estimatedCostUsd, lane } = status;
  return (
    <dl class="money">
      <Sum lane={lane} name="Spent" amount={costUsd} />
      {maxCostUsd === null ? null : <Sum lane={lane} name="Budget" amount={maxCostUsd} />}
      {estimatedCostUsd === null || isEnded(status) ? null : (
        <Sum lane={lane} name="Expected in all" amount={estimatedCostUsd} />
      )}
      {lostUsd === 0 ? null : <Sum lane={lane} name="Paid, nothing delivered" amount={lostUsd} tone="bad" />}
      {maybeUsd === 0 ? null : <Sum lane={lane} name="May have been billed" amount={maybeUsd} tone="warn" />}
    </dl>
  );
}

interface SumProps {
  readonly name: string;
  readonly amount: number;
  readonly lane: string;
  readonly tone?: string;
}

function Sum({ name, amount, lane, tone = "" }: SumProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={tone}>{shownUsd(amount, lane)}</dd>
    </div>
  );
}

function Waits({ lines }: { readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <ul class="waits" aria-label="What it waits for">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
