import { render } from "preact";
import { readSession } from "./api/session.ts";
import { App } from "./app.tsx";

// A link signs the user in without a form.
if (location.pathname !== "/link") void readSession();
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
