// What `import … from "flybrowser-stream"` gives. Never holds code of its own.
export { type ErrorCode, FlyBrowserError } from "../protocol/errors.ts";
