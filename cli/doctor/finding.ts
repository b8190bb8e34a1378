// A finding of `flybrowser doctor`.

/** What doctor found out about one thing. */
export interface Finding {
  readonly name: string;
  /** `missing`: something required is missing or broken. `note`: for information. */
  readonly state: "ok" | "note" | "missing";
  readonly detail: string;
  /** What to do; `null`: nothing. */
  readonly fix: string | null;
}

/** Everything is fine. */
export const ok = (name: string, detail: string): Finding => ({ name, state: "ok", detail, fix: null });
/** For information. */
export const note = (name: string, detail: string, fix: string | null = null): Finding => ({
  name,
  state: "note",
  detail,
  fix,
});
/** Something required is missing or broken. */
export const missing = (name: string, detail: string, fix: string): Finding => ({
  name,
  state: "missing",
  detail,
  fix,
});
