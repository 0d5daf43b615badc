import { useRef, useState } from "preact/hooks";
import { count } from "../text/numbers.ts";
import { chosenFiles, droppedFiles, type DroppedFile } from "./dropped-files.ts";
import type { Uploader, UploadState } from "./uploader.ts";

/** Most names that a list shows. */
const LISTED = 100;

interface PickerProps {
  readonly uploader: Uploader;
  readonly onFiles: (files: readonly DroppedFile[]) => void;
  /** Called when a photo is removed. */
  readonly onRemove: () => void;
  readonly onFault: (error: unknown) => void;
}

/** Accepts photos, folders and lists by drop or by file chooser, and lists them. */
export function PhotoPicker({ uploader, onFiles, onRemove, onFault }: PickerProps) {
  const [isOver, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const chooser = (input: HTMLInputElement | null): void => {
    folder.current = input;
    if (input !== null) input.webkitdirectory = true;
  };
  const take = (event: Event): void => {
    const input = event.currentTarget as HTMLInputElement;
    if (input.files !== null) onFiles(chosenFiles(input.files));
    input.value = "";
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    if (event.dataTransfer !== null) droppedFiles(event.dataTransfer).then(onFiles, onFault);
  };
  return (
    <>
      <div
        class={isOver ? "drop over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <p>Drop photos, a folder, or a list of them (CSV, JSONL) here.</p>
        <div class="drop-buttons">
          <button type="button" onClick={() => files.current?.click()}>
            Choose files
          </button>
          <button type="button" onClick={() => folder.current?.click()}>
            Choose a folder
          </button>
        </div>
        <input ref={files} class="unseen" type="file" multiple tabIndex={-1} aria-label="Files" onChange={take} />
        <input ref={chooser} class="unseen" type="file" tabIndex={-1} aria-label="Folder" onChange={take} />
      </div>
      <Progress state={uploader.state.value} />
      <Failed state={uploader.state.value} onRetry={() => void uploader.retryFailed().catch(onFault)} />
      <Sent state={uploader.state.value} onRemove={(path) => (onRemove(), void uploader.remove(path).catch(onFault))} />
    </>
  );
}

function Progress({ state: { sent, waiting } }: { readonly state: UploadState }) {
  if (sent.size + waiting === 0) return null;
  const isDone = waiting === 0;
  return (
    <div role="status">
      <p>
        {isDone
          ? `${count(sent.size, "photo")} ${sent.size === 1 ? "is" : "are"} here.`
          : `${sent.size.toLocaleString("en")} of ${count(sent.size + waiting, "photo")} sent.`}
      </p>
      {isDone ? null : <progress max={sent.size + waiting} value={sent.size} aria-label="Photos sent" />}
    </div>
  );
}

function Failed({ state: { failed }, onRetry }: { readonly state: UploadState; readonly onRetry: () => void }) {
  if (failed.length === 0) return null;
  return (
    <div role="alert">
      <p class="bad">{count(failed.length, "file")} not taken:</p>
      <ul class="names">
        {failed.slice(0, LISTED).map(({ path, message }) => (
          <li key={path}>
            <b>{path}</b> {message}
          </li>
        ))}
      </ul>
      {failed.length > LISTED ? <p class="note">And {(failed.length - LISTED).toLocaleString("en")} more.</p> : null}
      {failed.some(({ retryable }) => retryable) ? (
        <button type="button" onClick={onRetry}>
          Send them again
        </button>
      ) : null}
    </div>
  );
}

function Sent({
  state: { sent },
  onRemove,
}: {
  readonly state: UploadState;
  readonly onRemove: (path: string) => void;
}) {
  if (sent.size === 0) return null;
  return (
    <details>
      <summary>Show the photos</summary>
      <ul class="names">
        {[...sent.keys()].slice(0, LISTED).map((path) => (
          <li key={path}>
            {path}{" "}
            <button type="button" class="plain" aria-label={`Remove ${path}`} onClick={() => onRemove(path)}>
              Remove
            </button>
          </li>
        ))}
      </ul>
      {sent.size > LISTED ? <p class="note">And {(sent.size - LISTED).toLocaleString("en")} more.</p> : null}
    </details>
  );
}
