// The EventStream of a Period (ISO/IEC 23009-1, 5.10.2): the marks that touch it, on the stream's clock.
import { type Mark, marksWithin } from "./mark.ts";
import { element, textElement } from "./xml.ts";

/** Scheme of the events: each holds a mark as JSON. */
export const TASK_SCHEME = "urn:flybrowser-stream:task:2026";

/** Numbers for marks: DASH wants whole numbers as ids. Bounded by the marks that are there. */
export class DashEvents {
  #ids = new Map<string, number>();
  #next = 1;

  /** The element, as children of a Period that lasts from `start` to `end` (ms on the stream's clock). Empty: no marks. */
  render(marks: readonly Mark[], start: number, end: number): string[] {
    this.#number(marks);
    const events = marksWithin(marks, start, end).map((mark) => this.#event(mark, start));
    if (events.length === 0) return [];
    const attributes = { schemeIdUri: TASK_SCHEME, timescale: 1000, presentationTimeOffset: Math.round(start) };
    return element("EventStream", attributes, events);
  }

  /** An event can't begin before its Period: what began earlier is cut there, and its message tells when. */
  #event(mark: Mark, start: number): string[] {
    const from = Math.max(start, mark.start);
    const attributes = {
      id: this.#ids.get(mark.id),
      presentationTime: Math.round(from),
      duration: mark.end === null ? null : Math.max(0, Math.round(mark.end - from)),
    };
    return textElement("Event", attributes, JSON.stringify(mark));
  }

  #number(marks: readonly Mark[]): void {
    this.#ids = new Map(marks.map(({ id }) => [id, this.#ids.get(id) ?? this.#next++]));
  }
}
