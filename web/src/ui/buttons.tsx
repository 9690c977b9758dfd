import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { Spinner } from "./display";
import { Icon, type IconName } from "./icons";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary` once on a page, `danger` for what cannot be taken back, `quiet` for everything beside the way. */
  look?: "primary" | "normal" | "quiet" | "danger";
  size?: "normal" | "small";
  /** Under way: shows a spinner and takes no second click, but keeps the focus. */
  busy?: boolean;
  icon?: IconName;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ look = "normal", size = "normal", busy = false, icon, children, ...rest }: ButtonProps) {
  const { className = "", onClick, ...others } = rest;
  return (
    <button
      type="button"
      {...others}
      aria-busy={busy || undefined}
      aria-disabled={busy || undefined}
      className={`button button-${look} button-${size} ${className}`}
      onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))}
    >
      {busy ? <Spinner label="" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export interface IconButtonProps extends Omit<ButtonProps, "children" | "icon"> {
  /** The button's accessible name, and its tooltip. */
  label: string;
  icon: IconName;
  children?: ReactNode;
}

export function IconButton({ label, icon, className = "", ...rest }: IconButtonProps) {
  return (
    <Button
      look="quiet"
      {...rest}
      aria-label={label}
      title={label}
      icon={icon}
      className={`icon-button ${className}`}
    />
  );
}
