// Puppeteer, bundled for programs that have none of their own.
export { default } from "puppeteer-core";
