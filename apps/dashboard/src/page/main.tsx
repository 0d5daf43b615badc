import { render } from "preact";
import { readSession } from "./api/session.ts";
import { App } from "./app.tsx";

void readSession();
const root = document.getElementById("app");
if (root !== null) render(<App />, root);
