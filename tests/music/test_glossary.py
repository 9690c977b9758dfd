"""The names that the studio's page offers are those of the tables."""

from music.glossary import PAGE, glossary, text


def test_the_pages_glossary_is_that_of_the_tables() -> None:
    assert PAGE.read_text(encoding="utf-8") == text(), "run python -m music.glossary"


def test_every_entry_has_an_id_and_a_name() -> None:
    known = glossary()
    assert {"bossa_nova", "lo_fi"} <= {entry["id"] for entry in known["genres"]}
    assert {"grand_piano", "rhodes"} <= {entry["id"] for entry in known["instruments"]}
    assert all(entry["name"] for kind in ("genres", "instruments") for entry in known[kind])
