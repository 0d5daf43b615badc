import { usePolled } from "../api/use-polled.ts";
import { usdText } from "@darkroom/core/usd-text";
import type { Costs } from "./views.ts";

const EVERY_MS = 30_000;

/** Shows the costs of each day of the last month. */
export function CostTable() {
  const { value, error } = usePolled<Costs>("/v1/costs?by=day", EVERY_MS);
  const costs = value.value;
  return (
    <section aria-labelledby="costs">
      <h2 id="costs">Costs by day</h2>
      {error.value === undefined ? null : <p class="note bad">{error.value}</p>}
      {costs === undefined ? null : costs.rows.length === 0 ? (
        <p class="note">
          Nothing was paid from {costs.from} to {costs.to} (UTC). Simulated pictures cost nothing.
        </p>
      ) : (
        <div class="wide-table" tabIndex={0} role="region" aria-labelledby="costs">
          <table>
            <thead>
              <tr>
                <th scope="col">Day (UTC)</th>
                <th scope="col">Delivered</th>
                <th scope="col">Paid, nothing delivered</th>
                <th scope="col">Maybe billed</th>
              </tr>
            </thead>
            <tbody>
              {costs.rows.toReversed().map((row) => (
                <Row key={row.name} {...row} />
              ))}
            </tbody>
            <tfoot>
              <Row name="Total" {...costs.total} />
            </tfoot>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ name, costUsd, lostUsd, maybeUsd }: Costs["rows"][number]) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{usdText(costUsd)}</td>
      <td>{usdText(lostUsd)}</td>
      <td>{usdText(maybeUsd)}</td>
    </tr>
  );
}
