// Entry of the player page.
import { render } from "preact";
import { speakOnPage } from "../protocol/languages.ts";
import { App } from "./views/app.tsx";
import "./css/theme.css";
import "./css/layout.css";
import "./css/stage.css";
import "./css/controls.css";
import "./css/details.css";
import "./css/tasks.css";
import "./css/take-over.css";
import "./css/embed.css";

await speakOnPage(navigator.languages);
const root = document.getElementById("root");
if (root) render(<App base={new URL(".", location.href)} />, root);
