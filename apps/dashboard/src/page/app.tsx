import { needsKey } from "./api/client.ts";
import { isSignedIn, may, signOut } from "./api/session.ts";
import { BatchPage } from "./batch/batch-page.tsx";
import { BatchList } from "./list/batch-list.tsx";
import { Lazy } from "./ui/lazy.tsx";
import { Link, path } from "./ui/router.tsx";
import { SignIn } from "./ui/sign-in.tsx";

export function App() {
  return (
    <>
      <header class="top">
        <Link class="brand" to="/">
          Darkroom
        </Link>
        <nav aria-label="Main">
          <Link to="/">Batches</Link>
          {may("submit") ? <Link to="/new">New batch</Link> : null}
          <a href="/docs">API</a>
        </nav>
        {isSignedIn() ? (
          <button type="button" class="plain" onClick={() => void signOut()}>
            Sign out
          </button>
        ) : null}
      </header>
      <main>{needsKey.value ? <SignIn /> : <View />}</main>
    </>
  );
}

const loadNewBatch = () => import("./new/new-batch.tsx");

function View() {
  const [, section = "", id = ""] = path.value.split("/");
  if (section === "") return <BatchList />;
  if (section === "new") return <Lazy load={loadNewBatch} />;
  if (section === "batches" && id !== "") return <BatchPage key={id} id={decodeURIComponent(id)} />;
  return (
    <section class="empty">
      <h1>There is no such page</h1>
      <p>
        <Link to="/">All batches</Link>
      </p>
    </section>
  );
}
