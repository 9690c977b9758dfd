import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Problem } from "../api";
import {
  announce,
  Button,
  Dialog,
  Field,
  LiveRegion,
  Menu,
  Money,
  ProblemNote,
  Progress,
  Select,
  Slider,
  Switch,
  Tabs,
  Toasts,
  toast,
} from ".";
import { ago } from "./display";

afterEach(cleanup);

describe("tabs", () => {
  const items = ["Score", "Chords", "Mix"].map((label) => ({
    id: label.toLowerCase(),
    label,
    content: () => <p>{`the ${label}`}</p>,
    disabled: label === "Chords",
  }));

  it("are walked by arrows, past what cannot be chosen, and build the chosen panel alone", () => {
    render(<Tabs label="Look" items={items} />);
    const score = screen.getByRole("tab", { name: "Score", selected: true });
    expect(screen.getByRole("tabpanel", { name: "Score" }).textContent).toBe("the Score");
    fireEvent.keyDown(score, { key: "ArrowRight" });
    const mix = screen.getByRole("tab", { name: "Mix", selected: true });
    expect(document.activeElement).toBe(mix);
    expect(screen.queryByText("the Score")).toBeNull();
    fireEvent.keyDown(mix, { key: "ArrowRight" });
    expect(screen.getByRole("tab", { name: "Score", selected: true })).toBe(document.activeElement);
    fireEvent.keyDown(score, { key: "End" });
    expect(screen.getAllByRole("tab").map((tab) => tab.tabIndex)).toEqual([-1, -1, 0]);
  });
});

describe("a menu", () => {
  it("opens, is walked, closes by Escape and gives the focus back", () => {
    const chosen = vi.fn();
    render(
      <Menu
        label="More"
        items={[
          { label: "Rename", onSelect: chosen },
          { label: "Erase", onSelect: chosen, disabled: true },
          { label: "Archive", onSelect: chosen },
        ]}
      />,
    );
    const button = screen.getByRole("button", { name: "More" });
    fireEvent.click(button);
    expect(document.activeElement).toBe(screen.getByRole("menuitem", { name: "Rename" }));
    fireEvent.keyDown(screen.getByRole("menu"), { key: "ArrowDown" });
    expect(document.activeElement).toBe(screen.getByRole("menuitem", { name: "Archive" }));
    fireEvent.keyDown(screen.getByRole("menu"), { key: "Escape" });
    expect(screen.queryByRole("menu")).toBeNull();
    expect(document.activeElement).toBe(button);
    fireEvent.click(button);
    fireEvent.click(screen.getByRole("menuitem", { name: "Archive" }));
    expect(chosen).toHaveBeenCalledTimes(1);
    fireEvent.click(button);
    fireEvent.pointerDown(document.body);
    expect(screen.queryByRole("menu")).toBeNull();
  });

  it("tells which of its choices is in force", () => {
    const items = [
      { label: "Dark", onSelect: vi.fn(), checked: true },
      { label: "Light", onSelect: vi.fn(), checked: false },
    ];
    render(<Menu label="Theme" items={items} />);
    fireEvent.click(screen.getByRole("button", { name: "Theme" }));
    expect(screen.getByRole("menuitemradio", { name: "Dark", checked: true })).toBeTruthy();
  });
});

describe("a dialog", () => {
  // The document of the tests has dialogs that know no modality.
  beforeAll(() => {
    HTMLDialogElement.prototype.showModal ??= function showModal(this: HTMLDialogElement) {
      this.open = true;
    };
    HTMLDialogElement.prototype.close ??= function close(this: HTMLDialogElement) {
      this.open = false;
      this.dispatchEvent(new Event("close"));
    };
  });

  it("has its title for a name, and says when it was closed", () => {
    const closed = vi.fn();
    const { rerender } = render(
      <Dialog open title="Branch" onClose={closed}>
        from here
      </Dialog>,
    );
    expect(screen.getByRole("dialog", { name: "Branch" }).textContent).toContain("from here");
    fireEvent.click(screen.getByRole("button", { name: "Close" }));
    expect(closed).toHaveBeenCalledTimes(1);
    rerender(
      <Dialog open={false} title="Branch" onClose={closed}>
        from here
      </Dialog>,
    );
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});

describe("controls", () => {
  it("have names, hints and errors that belong to them", () => {
    render(
      <>
        <Field label="Tempo" hint="40 to 240" error="300 is too fast" />
        <Select label="Key" options={[{ value: "c", label: "C" }]} defaultValue="c" />
        <Slider label="Loudness" value={-14} min={-24} max={-6} onChange={vi.fn()} text="-14 LUFS" />
      </>,
    );
    const tempo = screen.getByRole("textbox", { name: "Tempo", description: "40 to 240 300 is too fast" });
    expect(tempo.getAttribute("aria-invalid")).toBe("true");
    expect(screen.getByRole("combobox", { name: "Key" })).toBeTruthy();
    expect(screen.getByRole("slider", { name: "Loudness" }).getAttribute("aria-valuetext")).toBe("-14 LUFS");
  });

  it("take no second click while something is under way, and keep the focus", () => {
    const click = vi.fn();
    const { rerender } = render(<Button onClick={click}>Go on</Button>);
    screen.getByRole("button").focus();
    rerender(
      <Button onClick={click} busy>
        Go on
      </Button>,
    );
    fireEvent.click(screen.getByRole("button", { name: "Go on" }));
    expect(click).not.toHaveBeenCalled();
    expect(document.activeElement).toBe(screen.getByRole("button", { busy: true }));
  });

  it("say whether they are on", () => {
    const change = vi.fn();
    render(<Switch label="Enhance the prompt" checked={false} onChange={change} />);
    fireEvent.click(screen.getByRole("switch", { name: "Enhance the prompt", checked: false }));
    expect(change).toHaveBeenCalledWith(true);
  });
});

describe("what is told", () => {
  it("is the problem in the server's words, with each value that is wrong", () => {
    const errors = [
      { pointer: "/a", parameter: null, detail: "a is too long" },
      { pointer: "/b", parameter: null, detail: "b is missing" },
    ];
    render(<ProblemNote problem={new Problem({ title: "Not taken", detail: "two values cannot be used", errors })} />);
    const note = screen.getByRole("alert").textContent;
    for (const words of ["Not taken.", "two values cannot be used", "a is too long", "b is missing"]) {
      expect(note).toContain(words);
    }
  });

  it("is nothing where nothing is wrong", () => {
    const { container } = render(<ProblemNote problem={null} />);
    expect(container.innerHTML).toBe("");
  });

  it("is read out again when the same thing happens again", async () => {
    const { container } = render(<LiveRegion />);
    announce("The mix is ready");
    const once = (await screen.findByText("The mix is ready")).textContent;
    announce("The mix is ready");
    await vi.waitFor(() => expect(container.textContent).not.toBe(once));
    expect(container.textContent?.trim()).toBe("The mix is ready");
  });

  it("goes away when it is dismissed", async () => {
    render(<Toasts />);
    toast("Renamed");
    fireEvent.click(await screen.findByRole("button", { name: "Dismiss" }));
    expect(screen.queryByText("Renamed")).toBeNull();
  });

  it("is how far something is, or that nobody knows", () => {
    const { rerender } = render(<Progress value={0.375} label="rendering bass, 3 of 8" />);
    expect(screen.getByRole("progressbar", { name: "rendering bass, 3 of 8" }).getAttribute("aria-valuenow")).toBe(
      "38",
    );
    rerender(<Progress value={null} label="mixing" />);
    expect(screen.getByRole("progressbar", { name: "mixing" }).getAttribute("aria-valuenow")).toBeNull();
  });

  it("is time in words", () => {
    const now = Date.parse("2026-03-01T12:00:00Z");
    const past = (seconds: number) => ago(new Date(now - seconds * 1000), now);
    expect(past(10)).toBe("just now");
    expect(past(50)).toBe("50 seconds ago");
    expect(past(3 * 60)).toBe("3 minutes ago");
    expect(past(26 * 3600)).toBe("yesterday");
    expect(past(40 * 86_400)).toBe("last month");
    expect(past(800 * 86_400)).toBe("2 years ago");
  });

  it("is money with as many digits as it needs", () => {
    render(
      <p>
        <Money usd="1.5" />, <Money usd="0.0031" />, <Money usd="0" />
      </p>,
    );
    expect(screen.getByRole("paragraph").textContent).toBe("$1.50, $0.0031, $0.00");
  });
});
