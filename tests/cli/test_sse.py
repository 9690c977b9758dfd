from sostenuto.sse import COMMENT, Message, read_messages


def read(text: str) -> list[Message]:
    return list(read_messages(text.split("\n")))


def test_reads_the_standard_s_examples() -> None:
    assert read("data: first\n\ndata:second\nid\n\ndata:  third\n\n") == [
        Message("message", "first", None),
        Message("message", "second", ""),
        Message("message", " third", None),
    ]
    assert read("event: add\nid: 7\ndata: one\ndata: two\n\n") == [Message("add", "one\ntwo", "7")]


def test_comments_are_told_and_unfinished_messages_are_not() -> None:
    assert read(": ping\n\ndata: cut off") == [Message(COMMENT, "ping", None)]
    assert read("event: lonely\n\nretry: 1000\n\n") == []
