/** Give the focus to what stands in for a control that its own click takes away: nobody should start at the top again. */
export function focusSoon(root: HTMLElement | null | undefined, selector: string): void {
  requestAnimationFrame(() => root?.querySelector<HTMLElement>(selector)?.focus());
}
