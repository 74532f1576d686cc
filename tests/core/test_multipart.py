"""The frame around an upload's content."""

from email import message_from_bytes

from gatebook.core.multipart import frame


def test_a_parser_that_is_not_ours_reads_the_two_parts() -> None:
    framed = frame(b'{"configuration":{}}', "text/csv", "gatebook_0123abcd")
    body = framed.head + b"a,b\r\n1,2\r\n" + framed.tail
    message = message_from_bytes(b"Content-Type: " + framed.content_type.encode() + b"\r\n\r\n" + body)
    document, file = message.get_payload()
    assert (document.get_content_type(), document.get_payload(decode=True)) == (
        "application/json",
        b'{"configuration":{}}',
    )
    assert (file.get_content_type(), file.get_payload(decode=True)) == ("text/csv", b"a,b\r\n1,2\r\n")
    assert not message.defects
