"""multipart/mixed answers: several parts of different types in one body."""

from email.message import Message


def parts(content_type: str, body: bytes) -> tuple[tuple[str, bytes], ...]:
    """Media type and content of each part, in order; empty when the body is no multipart/mixed.

    A missing last boundary is accepted: whether the body is whole is the transport's matter.
    """
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_param("boundary")
    if not content_type.lower().startswith("multipart/") or not isinstance(boundary, str):
        return ()
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    found = []
    for piece in pieces[1:]:
        if piece.startswith(b"--"):
            break
        head, _, content = piece.partition(b"\r\n\r\n")
        found.append((_media_type(head), content))
    return tuple(found)


def _media_type(head: bytes) -> str:
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-type":
            return value.split(";")[0].strip().lower()
    return ""
