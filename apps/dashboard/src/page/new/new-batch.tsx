import { shownUsd } from "@darkroom/core/usd-text";
import { useEffect, useMemo, useState } from "preact/hooks";
import { ApiError, getJson, newKey } from "../api/client.ts";
import { may } from "../api/session.ts";
import type { Presets, Quote } from "../api/types.ts";
import { count } from "../text/numbers.ts";
import { go } from "../ui/router.tsx";
import type { DroppedFile } from "./dropped-files.ts";
import { ChosenList } from "./chosen-list.tsx";
import { PhotoPicker } from "./photo-picker.tsx";
import { QuoteView } from "./quote-view.tsx";
import { RecipeChoice } from "./recipe-choice.tsx";
import { submissionOf, type Choices } from "./submission.ts";
import { askQuote, submit, type Order } from "./submit.ts";
import { Uploader } from "./uploader.ts";

const LIST = /\.(?:csv|tsv|jsonl|ndjson)$/i;

const FIRST: Choices = {
  preset: "professional-polish",
  mode: "eco",
  provider: "each-sense",
  name: "",
  budget: "",
  pilot: "",
  skipsBadRows: false,
  destination: "",
  source: "",
};

/** A quote, the order that it is for, and the key that makes the order once. */
interface Quoted {
  readonly quote: Quote;
  readonly order: Order;
  readonly key: string;
}

/** Collects photos, asks how to enhance them, shows the cost, and starts the batch. */
export default function NewBatch() {
  const uploader = useMemo(() => new Uploader(), []);
  const [presets, setPresets] = useState<Presets | undefined>(undefined);
  const [choices, setChoices] = useState(FIRST);
  const [list, setList] = useState<File | undefined>(undefined);
  const [quoted, setQuoted] = useState<Quoted | undefined>(undefined);
  const [busy, setBusy] = useState<string | undefined>(undefined);
  const [fault, setFault] = useState<string | undefined>(undefined);
  const tell = (error: unknown): void => setFault(error instanceof Error ? error.message : String(error));
  useEffect(() => {
    document.title = "New batch · Darkroom";
    const read = async (): Promise<void> => {
      const found = await getJson<Presets>("/v1/presets");
      setPresets(found);
      const [provider] = found.providers;
      if (provider !== undefined) setChoices((before) => ({ ...before, provider }));
      await uploader.resume();
    };
    read().catch(tell);
    return () => {
      document.title = "Darkroom";
      uploader.stop();
    };
  }, [uploader]);
  if (!may("submit")) return <p class="note">Your key may not submit batches.</p>;
  if (presets === undefined) return <p class="note">{fault ?? "Loading…"}</p>;

  const { upload, sent, waiting } = uploader.state.value;
  const change = (part: Partial<Choices>): void => {
    setChoices((before) => ({ ...before, ...part }));
    setQuoted(undefined);
  };
  const take = (files: readonly DroppedFile[]): void => {
    setFault(undefined);
    setQuoted(undefined);
    const lists = files.filter(({ path }) => LIST.test(path));
    const last = lists.at(-1);
    if (last !== undefined) setList(last.file);
    const photos = files.filter((each) => !lists.includes(each));
    if (photos.length > 0) uploader.add(photos).catch(tell);
  };
  const run = async (what: string, work: () => Promise<void>): Promise<void> => {
    setBusy(what);
    setFault(undefined);
    try {
      await work();
    } catch (error) {
      // The server's problem document describes the errors in the photos or rows.
      tell(error);
      if (!(error instanceof ApiError)) throw error;
    } finally {
      setBusy(undefined);
    }
  };
  const ask = (): void =>
    void run("quote", async () => {
      const used = sent.size === 0 ? undefined : upload;
      const order = { body: submissionOf(choices, used, list !== undefined), list };
      setQuoted(undefined);
      setQuoted({ quote: await askQuote(order), order, key: newKey() });
    });
  const start = ({ order, key }: Quoted): void =>
    void run("start", async () => {
      const { id } = await submit(order, key);
      go(`/batches/${encodeURIComponent(id)}`);
    });
  const hasSource = sent.size > 0 || list !== undefined || choices.source.trim() !== "";
  return (
    <section class="new-batch">
      <h1>New batch</h1>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (hasSource && waiting === 0) ask();
        }}
      >
        <fieldset>
          <legend>Which photos?</legend>
          <PhotoPicker uploader={uploader} onFiles={take} onRemove={() => setQuoted(undefined)} onFault={tell} />
          {list === undefined ? null : (
            <ChosenList
              list={list}
              choices={choices}
              onChange={change}
              onRemove={() => {
                setList(undefined);
                setQuoted(undefined);
              }}
            />
          )}
          <details>
            <summary>Photos that are in a store already</summary>
            <label>
              Their place
              <input
                type="text"
                placeholder="s3://bucket/folder/"
                value={choices.source}
                onInput={(event) => change({ source: event.currentTarget.value })}
              />
            </label>
          </details>
        </fieldset>
        <RecipeChoice presets={presets} choices={choices} onChange={change} />
        <fieldset class="limits">
          <legend>Name and limits</legend>
          <label>
            Name (optional)
            <input
              type="text"
              maxLength={100}
              value={choices.name}
              onInput={(event) => change({ name: event.currentTarget.value })}
            />
          </label>
          <label>
            Budget in USD (optional)
            <input
              type="number"
              min="0.01"
              step="0.01"
              value={choices.budget}
              onInput={(event) => change({ budget: event.currentTarget.value })}
            />
          </label>
          <label>
            Pilot: portraits to look at before the others start (optional)
            <input
              type="number"
              min="1"
              step="1"
              value={choices.pilot}
              onInput={(event) => change({ pilot: event.currentTarget.value })}
            />
          </label>
          <label>
            Where the results go{upload === undefined ? "" : " (empty: beside the uploaded photos)"}
            <input
              type="text"
              placeholder={upload?.destination ?? "s3://bucket/folder/"}
              value={choices.destination}
              onInput={(event) => change({ destination: event.currentTarget.value })}
            />
          </label>
        </fieldset>
        <div class="actions">
          <button
            type="submit"
            class={quoted === undefined ? "main" : "plain"}
            disabled={!hasSource || waiting > 0 || busy !== undefined}
          >
            {busy === "quote" ? "Reading…" : "Show the cost"}
          </button>
          <span class="note">
            {waiting > 0 ? `${count(waiting, "photo")} still to send.` : "Nothing is paid before you start."}
          </span>
        </div>
      </form>
      {fault === undefined ? null : (
        <p class="note bad" role="alert">
          {fault}
        </p>
      )}
      {quoted === undefined ? null : (
        <>
          <QuoteView quote={quoted.quote} budget={quoted.order.body.maxCostUsd} />
          {quoted.quote.refusal !== null || quoted.quote.goodRows === 0 ? null : (
            <button type="button" class="main" disabled={busy !== undefined} onClick={() => start(quoted)}>
              {busy === "start" ? "Starting…" : startText(quoted)}
            </button>
          )}
        </>
      )}
    </section>
  );
}

function startText({ quote: { goodRows, cost, lane }, order: { body } }: Quoted): string {
  const all = body.pilot === undefined ? count(goodRows, "portrait") : `a pilot of ${Math.min(body.pilot, goodRows)}`;
  if (body.maxCostUsd !== undefined) return `Start ${all}, for at most ${shownUsd(body.maxCostUsd, lane)}`;
  return cost.usd === null ? `Start ${all}` : `Start ${all}; the batch costs about ${shownUsd(cost.usd, lane)}`;
}
