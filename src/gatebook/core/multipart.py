"""The frame of a multipart/related upload (RFC 2387), as Gatebook writes it: a job document, then a file.

The door takes a client's frame apart; what goes to upstream is framed anew around the document that was decided on,
so that upstream cannot read the parts otherwise than Gatebook did.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the file's content in an upload: send `head`, the content, `tail`."""

    content_type: str
    head: bytes
    tail: bytes


def frame(document: bytes, media_type: str, boundary: str) -> Frame:
    """Frame a job document (JSON) and a file of `media_type`.

    `boundary` must be unguessable for the client, who could end the file part early otherwise: up to 70 letters,
    digits and underscores (RFC 2046 section 5.1.1).
    """
    edge = boundary.encode("ascii")
    head = b"".join(
        (
            b"--", edge, b"\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n", document,
            b"\r\n--", edge, b"\r\ncontent-type: ", media_type.encode("ascii"), b"\r\n\r\n",
        )
    )  # fmt: skip
    return Frame(f'multipart/related; boundary="{boundary}"', head, b"\r\n--" + edge + b"--\r\n")
