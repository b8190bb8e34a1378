// The icons of the buttons, 24 × 24, in the colour of the text.
import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

/** The icons by name. */
export const icons = {
  play: () => (
    <Icon>
      <path d="M8 5.5v13l10.5-6.5z" fill="currentColor" />
    </Icon>
  ),
  pause: () => (
    <Icon>
      <path d="M8.5 6v12M15.5 6v12" stroke-width="2.6" />
    </Icon>
  ),
  sound: () => (
    <Icon>
      <path d="M4 9.8v4.4h3.2l4.3 3.6V6.2L7.2 9.8z" fill="currentColor" />
      <path d="M15 9.2a4 4 0 0 1 0 5.6M17.6 6.6a7.6 7.6 0 0 1 0 10.8" />
    </Icon>
  ),
  muted: () => (
    <Icon>
      <path d="M4 9.8v4.4h3.2l4.3 3.6V6.2L7.2 9.8z" fill="currentColor" />
      <path d="m15.5 9.5 5 5m0-5-5 5" />
    </Icon>
  ),
  enterFullscreen: () => (
    <Icon>
      <path d="M9 4.5H4.5V9M15 4.5h4.5V9M9 19.5H4.5V15M15 19.5h4.5V15" />
    </Icon>
  ),
  exitFullscreen: () => (
    <Icon>
      <path d="M4.5 9H9V4.5M19.5 9H15V4.5M4.5 15H9v4.5M19.5 15H15v4.5" />
    </Icon>
  ),
  pip: () => (
    <Icon>
      <rect x="3.5" y="5" width="17" height="14" rx="2" />
      <rect x="12" y="11.5" width="6" height="5" rx="0.8" fill="currentColor" stroke="none" />
    </Icon>
  ),
  cast: () => (
    <Icon>
      <path d="M3.5 8V6.5a1.5 1.5 0 0 1 1.5-1.5h14a1.5 1.5 0 0 1 1.5 1.5v11a1.5 1.5 0 0 1-1.5 1.5h-4.5" />
      <path d="M3.5 11.5a7.5 7.5 0 0 1 7.5 7.5M3.5 15.2a3.8 3.8 0 0 1 3.8 3.8" />
      <circle cx="4" cy="18.5" r="0.9" fill="currentColor" stroke="none" />
    </Icon>
  ),
  details: () => (
    <Icon>
      <path d="M4.5 7.5h8M16.5 7.5h3M4.5 16.5h3M11.5 16.5h8" />
      <circle cx="14.5" cy="7.5" r="2" />
      <circle cx="9.5" cy="16.5" r="2" />
    </Icon>
  ),
  link: () => (
    <Icon>
      <path d="M10 14a3.8 3.8 0 0 0 5.4 0l3-3A3.8 3.8 0 0 0 13 5.6l-1 1" />
      <path d="M14 10a3.8 3.8 0 0 0-5.4 0l-3 3A3.8 3.8 0 0 0 11 18.4l1-1" />
    </Icon>
  ),
  check: () => (
    <Icon>
      <path d="m5.5 12.5 4.3 4.3 8.7-9.3" />
    </Icon>
  ),
  done: () => (
    <Icon>
      <circle cx="12" cy="12" r="9" />
      <path d="m8 12.4 2.8 2.8 5.2-5.8" />
    </Icon>
  ),
  failed: () => (
    <Icon>
      <circle cx="12" cy="12" r="9" />
      <path d="m9 9 6 6m0-6-6 6" />
    </Icon>
  ),
  close: () => (
    <Icon>
      <path d="m6.5 6.5 11 11m0-11-11 11" />
    </Icon>
  ),
  mark: () => (
    <svg class="mark" viewBox="0 0 128 128" aria-hidden="true">
      <linearGradient id="sky" x1="0" y1="0" x2="1" y2="1">
        <stop offset="0" stop-color="#4f6bff" />
        <stop offset="1" stop-color="#7a3cff" />
      </linearGradient>
      <rect x="4" y="4" width="120" height="120" rx="30" fill="url(#sky)" />
      <path
        d="M48 41.5c0-5.2 5.6-8.4 10.1-5.8l36 22.5c4.2 2.6 4.2 8.9 0 11.6l-36 22.5c-4.5 2.6-10.1-.6-10.1-5.8z"
        fill="#fff"
      />
      <path d="M33 43v42" stroke="#fff" stroke-width="9" stroke-linecap="round" opacity=".75" />
      <path d="M19 54v20" stroke="#fff" stroke-width="8" stroke-linecap="round" opacity=".45" />
    </svg>
  ),
};
