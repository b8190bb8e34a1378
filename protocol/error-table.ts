// The one table of errors that a user or a script can meet: code, message, what to do, HTTP status.
// Never makes an error: errors.ts does, and the others import from there.

interface ErrorEntry {
  /** The sentence; `{name}` is replaced by the detail of that name. */
  readonly message: string;
  /** What the reader can do about it. */
  readonly fix: string;
  /** HTTP status when the error leaves by HTTP. */
  readonly status: number;
}

/** The one table of errors. A code, once published, keeps its meaning. */
export const ERRORS = {
  invalid_option: {
    message: "Option {option}: {value} is not allowed. Allowed: {allowed}.",
    fix: "Correct the option and call again.",
    status: 400,
  },
  unknown_option: {
    message: "Unknown option {option}. Known options: {allowed}.",
    fix: "Remove it or correct its name.",
    status: 400,
  },
  invalid_message: {
    message: "A message of the form {name} is not valid: {reason}.",
    fix: "Update the extension and the host to the same version.",
    status: 400,
  },
  version_mismatch: {
    message: "{older} speaks protocol {older_version}, {newer} speaks {newer_version}.",
    fix: "Update {older}: rebuild it, or install the same release on both sides.",
    status: 409,
  },
  stream_already_active: {
    message: "Stream already active. Stop current stream first.",
    fix: "Stop the stream of this tab, then start again.",
    status: 409,
  },
  no_active_stream: {
    message: "No active stream",
    fix: "Start a stream first.",
    status: 404,
  },
  unsupported_combination: {
    message: "{what} is not possible: {reason}.",
    fix: "{instead}",
    status: 422,
  },
  host_not_installed: {
    message: "The FlyBrowser Stream host is not installed on this computer, or this browser may not start it.",
    fix: "Run `flybrowser install`, then try again.",
    status: 503,
  },
  host_lost: {
    message: "The connection to the FlyBrowser Stream host was lost: {reason}.",
    fix: "Try again; if it happens again, run `flybrowser doctor`.",
    status: 503,
  },
  host_not_running: {
    message: "No FlyBrowser Stream host is running.",
    fix: "Open a browser that has the extension, or run `flybrowser stream URL`.",
    status: 503,
  },
  ffmpeg_not_found: {
    message: "FFmpeg was not found, or is too old (4.4 or newer is needed): {reason}.",
    fix: "Install FFmpeg (Debian, Ubuntu: `apt install ffmpeg`), or set FLYBROWSER_FFMPEG to its path.",
    status: 503,
  },
  ffmpeg_failed: {
    message: "FFmpeg ended with an error: {reason}.",
    fix: "Run `flybrowser doctor`; the log it names has the whole story.",
    status: 500,
  },
  browser_not_found: {
    message: "No Chromium was found: {reason}.",
    fix: "Install Chromium (Debian, Ubuntu: `apt install chromium`), or give executable_path or FLYBROWSER_CHROMIUM.",
    status: 503,
  },
  browser_failed: {
    message: "The browser could not be started or closed unexpectedly: {reason}.",
    fix: "Start it by hand with the same options to see why, or give another executable_path.",
    status: 500,
  },
  stream_ended: {
    message: "The stream ended: {reason}.",
    fix: "Start it again; if it happens again, run `flybrowser doctor`.",
    status: 500,
  },
  not_built: {
    message: "{path} is missing: the project is not built.",
    fix: "Run `npm run build` in the project's folder, or install the package again.",
    status: 503,
  },
  package_missing: {
    message: "The npm package {name} is not installed.",
    fix: "Run `npm install {name}`.",
    status: 503,
  },
  page_not_reachable: {
    message: "The page {url} could not be opened: {reason}.",
    fix: "Check the address.",
    status: 502,
  },
  tab_not_capturable: {
    message: "This page can't be captured: {reason}.",
    fix: "Open a normal web page (http, https or file) and start there.",
    status: 422,
  },
  tab_not_found: {
    message: "There is no tab {tab}.",
    fix: "List the tabs and choose one of them.",
    status: 404,
  },
  tab_not_invoked: {
    message: "Chrome allows the capture of a tab only after a click on the FlyBrowser Stream button in that tab.",
    fix: "Click the button in the toolbar (or use its shortcut) on this tab, then start again.",
    status: 403,
  },
  not_paired: {
    message: "This site is not paired with FlyBrowser Stream.",
    fix: "Call `await flybrowser.pair()` first: the user is asked whether to allow it.",
    status: 403,
  },
  pairing_denied: {
    message: "The user has not allowed this site to use FlyBrowser Stream.",
    fix: "Go on without it; the user can change the answer on the options page of the extension.",
    status: 403,
  },
  page_not_allowed: {
    message: "This page can't use FlyBrowser Stream: {reason}.",
    fix: "Call from the top document of a normal web page (http or https).",
    status: 403,
  },
  rate_limited: {
    message: "Too many calls: at most {limit}.",
    fix: "Wait {seconds} s, then call again.",
    status: 429,
  },
  extension_lost: {
    message: "The connection to the FlyBrowser Stream extension was lost: {reason}.",
    fix: "Call again; after an update of the extension, reload the page first.",
    status: 503,
  },
  capture_failed: {
    message: "The tab could not be captured: {reason}.",
    fix: "Reload the tab and try again; stop other captures of the same tab.",
    status: 500,
  },
  no_media: {
    message: "The tab gave no picture within {seconds} s.",
    fix: "Make sure that the tab is open and not crashed, then start again.",
    status: 504,
  },
  rtmp_unreachable: {
    message: "The RTMP server {server} can't be reached: {reason}.",
    fix: "Check the address and the port, and that the server is running.",
    status: 502,
  },
  rtmp_tls_failed: {
    message: "No secure connection to the RTMP server {server}: {reason}.",
    fix: "Check that the server speaks RTMPS on this port and that its certificate is valid for this name; for an authority of your own set FLYBROWSER_RTMP_CA to its certificate file.",
    status: 502,
  },
  rtmp_refused: {
    message: "The RTMP server {server} refused the stream: {reason}.",
    fix: "Check the stream key and the application in the URL, and that nobody else publishes with this key.",
    status: 502,
  },
  rtmp_timeout: {
    message: "The RTMP server {server} did not answer within {seconds} s ({step}).",
    fix: "Check the address and the port; the server may be overloaded, or not speak RTMP.",
    status: 504,
  },
  rtmp_lost: {
    message: "The connection to the RTMP server {server} was lost: {reason}.",
    fix: "Nothing: it is tried again for as long as the stream lives.",
    status: 502,
  },
  rtmp_invalid_answer: {
    message: "The other side does not speak RTMP as it should: {reason}.",
    fix: "Check that the address and the port are those of an RTMP server.",
    status: 502,
  },
  webrtc_offer_invalid: {
    message: "The WebRTC offer can't be answered: {reason}.",
    fix: "Send an SDP offer that asks to receive video, with a codec that Chrome can send (H.264, VP8 or VP9).",
    status: 422,
  },
  viewers_full: {
    message: "All {limit} places for viewers by WebRTC are taken.",
    fix: "Watch by HLS, or set FLYBROWSER_WEBRTC_VIEWERS to a higher number: each viewer costs an encoder.",
    status: 503,
  },
  recording_already_active: {
    message: "Recording already active. Stop current recording first.",
    fix: "Stop the recording of this tab, then start again.",
    status: 409,
  },
  no_active_recording: {
    message: "No active recording",
    fix: "Start a recording first.",
    status: 404,
  },
  recording_path_unusable: {
    message: "The recording can't be written to {path}: {reason}.",
    fix: "Give a path that nothing is at yet, in a folder that exists and that you may write to.",
    status: 422,
  },
  disk_full: {
    message:
      "There is not enough free space for the recording in {folder}: {free} MB are free, {needed} MB are needed.",
    fix: "Free some space, or record to another disk; what was recorded so far is kept.",
    status: 507,
  },
  recording_failed: {
    message: "The recording {recording_id} could not be finished: {reason}.",
    fix: "Its media are kept in {folder}; the next start of the host tries again.",
    status: 500,
  },
  recording_not_found: {
    message: "There is no recording {recording_id}.",
    fix: "`flybrowser recordings list` shows those that there are.",
    status: 404,
  },
  recording_elsewhere: {
    message: "The recording {recording_id} is made by the host of another browser, and only that one can end it.",
    fix: "Stop it in that browser, in the extension's popup, or with the program that began it.",
    status: 409,
  },
  player_not_found: {
    message: "No program was found that plays {path}.",
    fix: "Open the file with a player of your choice, or install one (Debian, Ubuntu: `apt install mpv`).",
    status: 503,
  },
  task_not_found: {
    message: "There is no task {task_id}.",
    fix: "Begin it first; only the newest tasks of a stream are kept.",
    status: 404,
  },
  page_without_extension: {
    message: "The browser of this page has no FlyBrowser Stream extension that answers (waited {seconds} s).",
    fix: "Start the browser with what FlyBrowser.launchOptions() gives: puppeteer.launch(options.puppeteer), or chromium.launchPersistentContext(options.user_data_dir, options.playwright).",
    status: 409,
  },
  agent_missing: {
    message: "{method} hands over to an agent, and none was given.",
    fix: "Give a function (instruction, page, context) as `agent` to FlyBrowser.launch or FlyBrowser.attach.",
    status: 400,
  },
  timeout: {
    message: "{what} did not answer within {seconds} s.",
    fix: "Try again; if it happens again, run `flybrowser doctor`.",
    status: 504,
  },
  unauthorized: {
    message: "The control token is missing or wrong.",
    fix: "Send `Authorization: Bearer TOKEN` with the token from the file that `flybrowser doctor` names.",
    status: 401,
  },
  invalid_request: {
    message: "The request is not valid: {reason}.",
    fix: "Correct it; GET /api/openapi.json describes every request.",
    status: 400,
  },
  content_type_unsupported: {
    message: "The body's content type must be {allowed}, and is {given}.",
    fix: "Send `Content-Type: {allowed}`.",
    status: 415,
  },
  body_too_large: {
    message: "The body is larger than {limit} bytes.",
    fix: "Send a smaller one.",
    status: 413,
  },
  method_not_allowed: {
    message: "{path} does not take {method}.",
    fix: "Use one of: {allowed}.",
    status: 405,
  },
  route_not_found: {
    message: "There is nothing at {path}.",
    fix: "GET /api/openapi.json names every route.",
    status: 404,
  },
  wrong_host: {
    message: "This address answers only as localhost, 127.0.0.1 or [::1].",
    fix: "Use http://127.0.0.1 and the port from the control file.",
    status: 421,
  },
  too_many_listeners: {
    message: "All {limit} places for listeners to events are taken.",
    fix: "Close a connection to /api/events, or try again in a few seconds.",
    status: 503,
  },
  not_found: {
    message: "Nothing here.",
    fix: "Check the link; a stream that has ended is no longer here.",
    status: 404,
  },
  internal: {
    message: "Something went wrong inside FlyBrowser Stream: {reason}.",
    fix: "Please report it with the log that `flybrowser doctor` names.",
    status: 500,
  },
} as const satisfies Record<string, ErrorEntry>;
