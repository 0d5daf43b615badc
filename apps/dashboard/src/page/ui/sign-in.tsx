import { useState } from "preact/hooks";
import { ApiError } from "../api/client.ts";
import { signIn } from "../api/session.ts";

/** Asks for an API key. */
export function SignIn() {
  const [fault, setFault] = useState<string | undefined>(undefined);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const key = new FormData(event.currentTarget as HTMLFormElement).get("key");
    setFault(undefined);
    try {
      await signIn(typeof key === "string" ? key.trim() : "");
    } catch (error) {
      setFault(error instanceof ApiError ? error.message : String(error));
    }
  };
  return (
    <section class="empty">
      <h1>Sign in</h1>
      <p class="note">If you received a link, open it again.</p>
      <form class="sign-in" onSubmit={(event) => void submit(event)}>
        <label>
          API key
          <input name="key" type="password" autocomplete="current-password" required />
        </label>
        <button type="submit" class="main">
          Sign in
        </button>
        {fault === undefined ? null : (
          <p class="note bad" role="alert">
            {fault}
          </p>
        )}
      </form>
    </section>
  );
}
