import { type KeyboardEvent, type ReactNode, useId, useState } from "react";

export interface TabItem {
  id: string;
  label: string;
  /** Built only while the tab is chosen. */
  content: () => ReactNode;
  disabled?: boolean;
}

export interface TabsProps {
  label: string;
  items: readonly TabItem[];
  /** The chosen tab, where the owner keeps it. */
  value?: string;
  onChange?(id: string): void;
}

/** Tabs after the ARIA pattern: arrows, Home and End move and choose. */
export function Tabs({ label, items, value, onChange }: TabsProps) {
  const base = useId();
  const [own, setOwn] = useState(items[0]?.id ?? "");
  const usable = items.filter((item) => !item.disabled);
  const chosen = items.find((item) => item.id === (value ?? own)) ?? usable[0];

  function choose(item: TabItem | undefined) {
    if (!item) return;
    setOwn(item.id);
    onChange?.(item.id);
    document.getElementById(`${base}-tab-${item.id}`)?.focus();
  }

  function onKeyDown(event: KeyboardEvent) {
    const at = chosen ? usable.indexOf(chosen) : 0;
    const targets: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: usable.length - 1 };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    choose(usable[(target + usable.length) % usable.length]);
  }

  return (
    <div className="tabs">
      <div role="tablist" aria-label={label} className="tab-list" onKeyDown={onKeyDown}>
        {items.map((item) => (
          <button
            key={item.id}
            type="button"
            role="tab"
            id={`${base}-tab-${item.id}`}
            className="tab"
            aria-selected={item === chosen}
            aria-controls={item === chosen ? `${base}-panel` : undefined}
            tabIndex={item === chosen ? 0 : -1}
            disabled={item.disabled}
            onClick={() => choose(item)}
          >
            {item.label}
          </button>
        ))}
      </div>
      {chosen && (
        <div
          role="tabpanel"
          id={`${base}-panel`}
          aria-labelledby={`${base}-tab-${chosen.id}`}
          className="tab-panel"
          tabIndex={0}
        >
          {chosen.content()}
        </div>
      )}
    </div>
  );
}
