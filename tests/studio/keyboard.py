"""Tab, Enter, Space, arrows and letters: a person without a pointer."""

from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

# More than any page has.
MOST_STOPS = 250
MOST_OPTIONS = 60


@dataclass(frozen=True)
class Keyboard:
    """The keyboard on one page."""

    page: Page

    def tab_to(self, wanted: Locator) -> None:
        """Tab until `wanted` has the focus; every stop on the way must be visible."""
        expect(wanted).to_be_visible()
        passed: list[str] = []
        for _ in range(MOST_STOPS):
            if has_focus(wanted):
                return
            self.page.keyboard.press("Tab")
            passed.append(self.page.evaluate("() => document.activeElement?.outerHTML.slice(0, 80) ?? ''"))
        raise AssertionError(f"{wanted} is not reached by Tab; the last stops were {passed[-12:]}")

    def press_on(self, wanted: Locator, key: str) -> None:
        """Tab to `wanted`, and press a key there."""
        expect(wanted).to_be_enabled()
        self.tab_to(wanted)
        self.page.keyboard.press(key)

    def type(self, wanted: Locator, text: str) -> None:
        """Tab to a field and write into it."""
        self.tab_to(wanted)
        self.page.keyboard.insert_text(text)

    def choose(self, wanted: Locator, value: str) -> None:
        """Tab to a list and go down in it to a value."""
        self.tab_to(wanted)
        self.page.keyboard.press("Home")
        for _ in range(MOST_OPTIONS):
            if wanted.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{value!r} is not reached by the arrow keys")

    def walk_to(self, start: Locator, wanted: Locator, arrow: str) -> None:
        """Tab to `start`, then by an arrow key to `wanted`, as among tabs."""
        self.tab_to(start)
        for _ in range(MOST_OPTIONS):
            if has_focus(wanted):
                return
            self.page.keyboard.press(arrow)
        raise AssertionError(f"{wanted} is not reached by {arrow}")


def has_focus(wanted: Locator) -> bool:
    """Whether an element has the focus."""
    focused: bool = wanted.evaluate("(element) => element === document.activeElement")
    return focused
