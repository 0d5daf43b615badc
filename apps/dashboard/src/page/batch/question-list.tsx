import { useEffect, useState } from "preact/hooks";
import { ApiError, getJson, order } from "../api/client.ts";
import { may } from "../api/session.ts";
import type { BatchStatus } from "../api/types.ts";
import { count } from "../text/numbers.ts";

interface Question {
  readonly question: string;
  readonly options: readonly string[];
  readonly portraits: number;
  readonly examples: readonly string[];
}

interface Props {
  readonly status: BatchStatus;
  readonly onChange: (status: BatchStatus) => void;
}

/** Lists the questions of the provider's agent. One answer applies to all portraits with the same question. */
export function QuestionList({ status, onChange }: Props) {
  const { id } = status;
  const asking = status.failures.needs_clarification ?? 0;
  const [questions, setQuestions] = useState<readonly Question[]>([]);
  useEffect(() => {
    const abort = new AbortController();
    setQuestions([]);
    if (asking === 0) return () => abort.abort();
    getJson<{ readonly questions: readonly Question[] }>(
      `/v1/batches/${encodeURIComponent(id)}/questions`,
      abort.signal,
    ).then(
      (found) => setQuestions(found.questions),
      () => undefined,
    );
    return () => abort.abort();
  }, [id, asking]);
  if (questions.length === 0) return null;
  return (
    <section aria-label="Questions">
      {questions.map((question) => (
        <Asked key={question.question} batchId={id} question={question} onChange={onChange} />
      ))}
    </section>
  );
}

interface AskedProps extends Pick<Props, "onChange"> {
  readonly batchId: string;
  readonly question: Question;
}

function Asked({ batchId, question: { question, options, portraits, examples }, onChange }: AskedProps) {
  const [words, setWords] = useState("");
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const send = async (): Promise<void> => {
    setBusy(true);
    setFault(undefined);
    try {
      const path = `/v1/batches/${encodeURIComponent(batchId)}/answer`;
      onChange(await order<BatchStatus>(path, { answer: words.trim(), question }));
    } catch (error) {
      setFault(error instanceof ApiError ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="question"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <p>
        <b>{question}</b>{" "}
        <span class="note">
          {count(portraits, "portrait")}: {examples.join(", ")}
          {portraits > examples.length ? "…" : ""}
        </span>
      </p>
      {!may("review") ? null : (
        <>
          <div class="actions">
            {options.map((option) => (
              <button key={option} type="button" aria-pressed={words === option} onClick={() => setWords(option)}>
                {option}
              </button>
            ))}
          </div>
          <label>
            Answer for {portraits === 1 ? "this portrait" : `all ${portraits.toLocaleString("en")}`}; each is paid once
            it has a picture
            <input type="text" required value={words} onInput={(event) => setWords(event.currentTarget.value)} />
          </label>
          <button type="submit" class="main" disabled={busy}>
            Answer
          </button>
        </>
      )}
      {fault === undefined ? null : (
        <p class="note bad" role="alert">
          {fault}
        </p>
      )}
    </form>
  );
}
