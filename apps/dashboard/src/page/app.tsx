import { needsKey } from "./api/client.ts";
import { BatchPage } from "./batch/batch-page.tsx";
import { BatchList } from "./list/batch-list.tsx";
import { Link, path } from "./ui/router.tsx";

export function App() {
  return (
    <>
      <header class="top">
        <Link class="brand" to="/">
          Darkroom
        </Link>
        <nav aria-label="Main">
          <Link to="/">Batches</Link>
          <a href="/docs">API</a>
        </nav>
      </header>
      <main>{needsKey.value ? <KeyNeeded /> : <View />}</main>
    </>
  );
}

function View() {
  const [, section = "", id = ""] = path.value.split("/");
  if (section === "") return <BatchList />;
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

function KeyNeeded() {
  return (
    <section class="empty">
      <h1>This page needs the API key</h1>
      <p>The server accepts only requests with a key.</p>
    </section>
  );
}
