/** Line drawings on a 24 × 24 grid; they say nothing by themselves, so each stands beside or inside a name. */
const PATHS = {
  add: "M12 5v14M5 12h14",
  archive: "M4 4h16v4H4zM6 8v12h12V8M10 12h4",
  back: "M15 5l-7 7 7 7",
  branch: "M7 4v16M17 4v4a5 5 0 0 1-5 5H7M5 4h4M15 4h4M5 20h4",
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  down: "M6 9l6 6 6-6",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  edit: "M4 20l1-5L16 4l4 4L9 19zM13.5 6.5l4 4",
  forward: "M9 5l7 7-7 7",
  hold: "M8 5v14M16 5v14",
  key: "M14 10a4 4 0 1 1-1-2.6L21 15.5V19h-3.5v-2.5H15V14l-1.5-1.5",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
  menu: "M4 7h16M4 12h16M4 17h16",
  minus: "M5 12h14",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z",
  note: "M9 18V5l11-2v12M9 18a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM20 15a3 3 0 1 1-6 0 3 3 0 0 1 6 0z",
  pause: "M8 5v14M16 5v14",
  people:
    "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5M17.5 14.3c2.2.7 3.6 2.6 4 5.700",
  play: "M7 4.5v15l12-7.5z",
  redo: "M20 5v5h-5M20 10a8 8 0 1 0-2 7.5",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l5 5",
  share:
    "M8 13l8 5M16 6l-8 5M6 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM18 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM18 22a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5L19 19M5 19l1.5-1.5M17.5 6.5L19 5",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  undo: "M4 5v5h5M4 10a8 8 0 1 1 2 7.5",
  up: "M6 15l6-6 6 6",
  volume: "M4 10v4h4l5 4V6l-5 4zM16.5 9a4.5 4.5 0 0 1 0 6M19 6.5a8 8 0 0 1 0 11",
  warning: "M12 4l9.5 16h-19zM12 10v4M12 17h.01",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" viewBox="0 0 24 24" width={size} height={size} aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
