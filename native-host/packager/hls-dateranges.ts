// EXT-X-DATERANGE tags (RFC 8216bis 4.4.5.1) for the marks of a stream.
import { plainText } from "../../protocol/printable.ts";
import type { Mark } from "./mark.ts";

/** CLASS of the tags: what their X- attributes mean. */
export const TASK_CLASS = "com.flybrowser.task";

/** A quoted string can't hold quotes, a playlist no control characters (RFC 8216bis 4.1, 4.2), and there is no escape. */
const quoted = (text: string) => `"${plainText(text).replaceAll('"', "'")}"`;

/**
 * One tag for a mark that began at `began` (epoch ms of the wall clock). What is told while it goes on stays as it is; its end only
 * adds attributes.
 */
export function daterangeTag(mark: Mark, began: number): string {
  const date = (ms: number) => `"${new Date(began + ms - mark.start).toISOString()}"`;
  const attributes = [
    `ID=${quoted(mark.id)}`,
    `CLASS="${TASK_CLASS}"`,
    `START-DATE=${date(mark.start)}`,
    ...(mark.end === null
      ? []
      : [`END-DATE=${date(mark.end)}`, `DURATION=${((mark.end - mark.start) / 1000).toFixed(3)}`]),
    `X-NAME=${quoted(mark.name)}`,
    ...(mark.parent_id === null ? [] : [`X-PARENT-ID=${quoted(mark.parent_id)}`]),
    ...(mark.end === null ? [] : [`X-STATE=${quoted(mark.state)}`]),
    ...(mark.end === null || mark.detail === null ? [] : [`X-DETAIL=${quoted(mark.detail)}`]),
  ];
  return `#EXT-X-DATERANGE:${attributes.join(",")}`;
}
