import type { BatchStatus } from "../api/types.ts";

/** Links that save a batch's results as a ZIP. */
export function Downloads({ status: { id, counts, review } }: { readonly status: BatchStatus }) {
  if (counts.succeeded + counts.skipped === 0) return null;
  const zip = `/v1/batches/${encodeURIComponent(id)}/results.zip`;
  return (
    <p class="note">
      Download{" "}
      <a href={zip} download>
        all results
      </a>
      {review.approved === 0 ? null : (
        <>
          {" "}
          or{" "}
          <a href={`${zip}?only=approved`} download>
            the approved ones
          </a>
        </>
      )}{" "}
      as a ZIP.
    </p>
  );
}
