import { needsKey } from "./api/client.ts";
import { isSignedIn, isSimulated, linkedBatch, may, sessionRead, signOut } from "./api/session.ts";
import { BatchPage } from "./batch/batch-page.tsx";
import { BatchList } from "./list/batch-list.tsx";
import { EnterByLink } from "./link/enter-by-link.tsx";
import { Gallery } from "./link/gallery.tsx";
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
        {linkedBatch() === undefined ? <Navigation /> : null}
        {isSimulated() ? <span class="badge warn">simulated</span> : null}
        {isSignedIn() ? (
          <button type="button" class="plain" onClick={() => void signOut()}>
            Sign out
          </button>
        ) : null}
      </header>
      <main>{path.value === "/link" ? <EnterByLink /> : needsKey.value ? <SignIn /> : <View />}</main>
    </>
  );
}

function Navigation() {
  return (
    <nav aria-label="Main">
      <Link to="/">Batches</Link>
      {may("submit") ? <Link to="/new">New batch</Link> : null}
      <Link to="/operate">Operations</Link>
      <a href="/docs">API</a>
    </nav>
  );
}

const loadOperate = () => import("./operate/operate.tsx");
const loadNewBatch = () => import("./new/new-batch.tsx");

function View() {
  if (!sessionRead.value) return <p class="note">Loading…</p>;
  const linked = linkedBatch();
  if (linked !== undefined) return <Gallery id={linked} />;
  const [, section = "", id = ""] = path.value.split("/");
  if (section === "") return <BatchList />;
  if (section === "operate") return <Lazy load={loadOperate} props={{}} />;
  if (section === "new") return <Lazy load={loadNewBatch} props={{}} />;
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
