// One test at a time: each has a browser, a stream and a recording of its own.
import { defineConfig } from "@playwright/test";

export default defineConfig({ workers: 1, reporter: [["list"], ["html", { open: "never" }]] });
