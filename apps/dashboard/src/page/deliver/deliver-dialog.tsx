import { useEffect, useRef, useState } from "preact/hooks";
import type { BatchStatus } from "../api/types.ts";
import { count } from "../text/numbers.ts";
import { Dialog } from "../ui/dialog.tsx";
import { deliver, NOTHING_YET, type Progress } from "./deliver.ts";

/** Most problems that the dialog lists. */
const LISTED = 100;

interface Props {
  readonly batchId: string;
  readonly review: BatchStatus["review"];
  readonly onClose: () => void;
}

type Step =
  | { readonly kind: "form"; readonly fault?: string }
  | { readonly kind: "copying"; readonly progress: Progress }
  | { readonly kind: "done"; readonly progress: Progress };

/** Copies the approved results to a final place: shows the files to be copied and omitted, then the progress. */
export default function DeliverDialog({ batchId, review, onClose }: Props) {
  const [step, setStep] = useState<Step>({ kind: "form" });
  const abort = useRef(new AbortController());
  useEffect(() => () => abort.current.abort(), []);
  const start = (event: SubmitEvent): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement);
    const [destination = "", template = ""] = ["destination", "template"].map((name) => {
      const value = given.get(name);
      return typeof value === "string" ? value.trim() : "";
    });
    setStep({ kind: "copying", progress: NOTHING_YET });
    deliver(
      batchId,
      { destination, template: template === "" ? undefined : template },
      { signal: abort.current.signal, onProgress: (progress) => setStep({ kind: "copying", progress }) },
    ).then(
      (progress) => setStep({ kind: "done", progress }),
      (error: unknown) => {
        if (abort.current.signal.aborted) return;
        setStep({ kind: "form", fault: error instanceof Error ? error.message : String(error) });
      },
    );
  };
  const isCopying = step.kind === "copying";
  return (
    <Dialog title="Deliver what is approved" onClose={onClose}>
      <p>{whatGoes(review)}</p>
      <form onSubmit={start}>
        <label>
          Destination
          <input name="destination" type="text" required maxLength={2_000} placeholder="s3://client/final/" />
        </label>
        <label>
          File names (optional)
          <input
            name="template"
            type="text"
            maxLength={500}
            placeholder="{department}/{id}.{ext}"
            aria-describedby="template-words"
          />
        </label>
        <p id="template-words" class="note">
          From {"{path} {name} {ext} {id} {index}"} and the list's columns. Empty: the results' own names.
        </p>
        {step.kind !== "form" || step.fault === undefined ? null : (
          <p class="note bad" role="alert">
            {step.fault}
          </p>
        )}
        {step.kind === "form" ? null : <Told step={step} approved={review.approved} />}
        <div class="dialog-buttons">
          <button type="button" class="plain" onClick={onClose}>
            {isCopying ? "Stop" : "Close"}
          </button>
          <button type="submit" class="main" disabled={isCopying}>
            {isCopying ? "Copying…" : `Copy ${count(review.approved, "portrait")}`}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function whatGoes({ approved, rejected, undecided }: BatchStatus["review"]): string {
  const left = [
    ...(rejected === 0 ? [] : [`${rejected.toLocaleString("en")} rejected`]),
    ...(undecided === 0 ? [] : [`${undecided.toLocaleString("en")} undecided`]),
  ];
  const rest = left.length === 0 ? "Nothing is left out." : `${left.join(" and ")} are left out.`;
  return `${count(approved, "approved portrait")} with the crops, each copied once. ${rest}`;
}

function Told({
  step: { kind, progress },
  approved,
}: {
  readonly step: Exclude<Step, { kind: "form" }>;
  readonly approved: number;
}) {
  const { delivered, unchanged, removed, problems } = progress;
  const words = [
    `${delivered.toLocaleString("en")} copied`,
    ...(unchanged === 0 ? [] : [`${unchanged.toLocaleString("en")} there already`]),
    ...(removed === 0 ? [] : [`${removed.toLocaleString("en")} no longer approved and removed`]),
  ];
  return (
    <>
      <div role="status">
        {kind === "done" ? null : (
          <progress
            max={Math.max(1, approved)}
            value={delivered + unchanged + problems.length}
            aria-label="Portraits copied"
          />
        )}
        <p>
          {kind === "done" ? "Done: " : ""}
          {words.join(", ")}.
        </p>
      </div>
      {problems.length === 0 ? null : (
        <div role="alert">
          <p class="bad">{count(problems.length, "file")} not copied:</p>
          <ul class="names">
            {problems.slice(0, LISTED).map(({ index, id, message }) => (
              <li key={`${index} ${message}`}>
                <b>{id ?? `Portrait ${index + 1}`}</b> {message}
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}
