import type { Quote } from "../api/types.ts";
import { shownUsd } from "@darkroom/core/usd-text";
import { count, duration } from "../text/numbers.ts";

/** Shows the portraits, cost and duration of a batch, and the errors in its rows. */
export function QuoteView({ quote, budget }: { readonly quote: Quote; readonly budget: number | undefined }) {
  const { goodRows, badRows, firstBadRows, duplicates, cost, warnings, refusal, sample, emptyReason, lane } = quote;
  return (
    <div class="quote" role="status">
      <dl class="money">
        <div>
          <dt>Portraits</dt>
          <dd>{goodRows.toLocaleString("en")}</dd>
        </div>
        <div>
          <dt>Cost</dt>
          <dd>{cost.usd === null ? "not known" : shownUsd(cost.usd, lane)}</dd>
        </div>
        {budget === undefined ? null : (
          <div>
            <dt>Budget</dt>
            <dd>{shownUsd(budget, lane)}</dd>
          </div>
        )}
        <div>
          <dt>Time</dt>
          <dd>{timeText(quote)}</dd>
        </div>
      </dl>
      {cost.message === null ? null : <p class="note">{cost.message}</p>}
      {emptyReason === null ? null : <p class="warn">{emptyReason}</p>}
      {refusal === null ? null : <p class="bad">{refusal}</p>}
      {duplicates === 0 ? null : (
        <p class="warn">{count(duplicates, "photo")} are in it more than once, and each is paid.</p>
      )}
      {sample.missing === 0 ? null : <p class="warn">{count(sample.missing, "photo")} of a sample do not exist.</p>}
      {sample.alreadyDelivered === 0 ? null : (
        <p class="note">
          {count(sample.alreadyDelivered, "photo")} of a sample are delivered already, and not paid again.
        </p>
      )}
      {sample.kept === 0 ? null : (
        <p class="note">{count(sample.kept, "result")} of another recipe in a sample are kept, and not paid again.</p>
      )}
      {warnings.map((warning) => (
        <p key={warning} class="warn">
          {warning}
        </p>
      ))}
      {badRows === 0 ? null : (
        <>
          <p class="bad">{count(badRows, "row")} cannot be used:</p>
          <ul class="names">
            {firstBadRows.map(({ index, line, message }) => (
              <li key={index}>
                <b>{line === null ? `Row ${index + 1}` : `Line ${line}`}</b> {message}
              </li>
            ))}
          </ul>
        </>
      )}
      {sample.refusedExamples.map(({ index, source, message }) => (
        <p key={index} class="warn">
          {source}: {message}
        </p>
      ))}
    </div>
  );
}

function timeText({ time: { minSeconds, maxSeconds, message } }: Quote): string {
  if (minSeconds === null || maxSeconds === null) return message ?? "not known";
  const [low, high] = [duration(minSeconds), duration(maxSeconds)];
  return low === high ? `about ${low}` : `${low} to ${high}`;
}
