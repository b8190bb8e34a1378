// The version that both ends of every connection say first.
import packageJson from "../package.json" with { type: "json" };

/** Version of the messages in this folder; raised when an older peer could no longer understand them. */
export const PROTOCOL_VERSION = 6;

/** Version of the software, as in package.json. */
export const SOFTWARE_VERSION: string = packageJson.version;

/** Name under which the host is registered with the browser (Chrome's native messaging docs). */
export const NATIVE_HOST_NAME = "com.flybrowser.stream";

/** Id of the extension where it is loaded unpacked, fixed by the `key` in manifest.json (Chrome's manifest docs). */
export const EXTENSION_ID = "mdlponjllgfgfncgeckjaodjadfehhnk";

/** Ids that stores have given the extension: none yet. docs/release.md says when to add one; every host then lets it in. */
export const STORE_EXTENSION_IDS: readonly string[] = [];
