// The form of one finding of `flybrowser doctor`. Never looks at anything.

/** One finding. */
export interface Finding {
  readonly name: string;
  /** `missing`: something needed is not there. `note`: worth knowing, nothing is wrong. */
  readonly state: "ok" | "note" | "missing";
  readonly detail: string;
  /** What to do; null where nothing is. */
  readonly fix: string | null;
}

/** All is well. */
export const ok = (name: string, detail: string): Finding => ({ name, state: "ok", detail, fix: null });
/** Worth knowing. */
export const note = (name: string, detail: string, fix: string | null = null): Finding => ({
  name,
  state: "note",
  detail,
  fix,
});
/** Something needed is not there. */
export const missing = (name: string, detail: string, fix: string): Finding => ({
  name,
  state: "missing",
  detail,
  fix,
});
