import { type ReactNode, useEffect, useRef } from "react";
import { Link, useLocation } from "wouter";
import { PlayerDock } from "../player";
import { LiveRegion, Menu, Toasts } from "../ui";
import { ConnectionBanner } from "./ConnectionBanner";
import { type Theme, useTheme } from "./theme";

const PLACES = [
  { href: "/", label: "Songs", covers: /^\/(songs\/.*)?$/ },
  { href: "/new", label: "New song", covers: /^\/new/ },
  { href: "/providers", label: "Providers", covers: /^\/providers/ },
  { href: "/keys", label: "Keys", covers: /^\/keys/ },
] as const;

/** What is on every page: the way around, the banner, and the player, which outlives page changes. */
export function Shell({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  const main = useFocusOnNavigation(location);
  return (
    <div className="shell">
      <a className="skip-link" href="#main">
        Skip to the page
      </a>
      <header className="top">
        <Link href="/" className="brand" aria-label="Sostenuto, all songs">
          Sostenuto
        </Link>
        <nav aria-label="Studio" className="nav">
          {PLACES.map(({ href, label, covers }) => (
            <Link key={href} href={href} className="nav-link" aria-current={covers.test(location) ? "page" : undefined}>
              {label}
            </Link>
          ))}
        </nav>
        <ThemeMenu />
      </header>
      <ConnectionBanner />
      <main id="main" ref={main} tabIndex={-1} className="main">
        {children}
      </main>
      <PlayerDock />
      <Toasts />
      <LiveRegion />
    </div>
  );
}

const THEMES: readonly { value: Theme; label: string }[] = [
  { value: "dark", label: "Dark" },
  { value: "light", label: "Light" },
  { value: "system", label: "As the system" },
];

function ThemeMenu() {
  const [theme, setTheme] = useTheme();
  const items = THEMES.map(({ value, label }) => ({
    label,
    checked: theme === value,
    onSelect: () => setTheme(value),
  }));
  return (
    <Menu label="Theme" icon={theme === "light" ? "sun" : theme === "dark" ? "moon" : "system"} items={items} compact />
  );
}

/** After a change of page the focus starts at its top, as it does when a browser loads one. */
function useFocusOnNavigation(location: string) {
  const main = useRef<HTMLElement>(null);
  const before = useRef(location);
  const back = useRef(false);
  useEffect(() => {
    const onBack = () => {
      back.current = true;
    };
    addEventListener("popstate", onBack);
    return () => removeEventListener("popstate", onBack);
  }, []);
  useEffect(() => {
    if (before.current === location) return;
    before.current = location;
    main.current?.focus({ preventScroll: true });
    // On the way back the browser knows where one was.
    if (!back.current) scrollTo(0, 0);
    back.current = false;
  }, [location]);
  return main;
}
