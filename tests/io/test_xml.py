"""The gate for XML: what it lets through, and one sentence for each thing that it refuses."""

import gzip

import pytest

from signalopt.errors import InputError
from signalopt.io import xml
from signalopt.io.sumo_net import read_network
from signalopt.io.xml import elements, open_xml, require_file, root_tag

BOMB = (
    '<?xml version="1.0"?><!DOCTYPE net [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    "<net><edge id='&b;'/></net>"
)
OUTSIDE = '<!DOCTYPE net [<!ENTITY x SYSTEM "file:///etc/hostname">]><net>&x;</net>'
DOCTYPE = "declares a DOCTYPE, which may hide entity bombs; remove the declaration"


def messages(path):
    """What the gate and the network reader say of a file."""
    found = []
    for use in (lambda p: list(elements(p, what="network")), read_network):
        with pytest.raises(InputError) as caught:
            use(path)
        found.append(str(caught.value))
    return found


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.net.xml", BOMB, DOCTYPE),
        ("a.net.xml", OUTSIDE, DOCTYPE),
        ("a.net.xml", BOMB.encode("utf-16"), DOCTYPE),
        ("a.net.xml.gz", gzip.compress(BOMB.encode()), DOCTYPE),
        ("a.net.xml", gzip.compress(BOMB.encode()), DOCTYPE),
        (
            "a.net.xml",
            "",
            "is not well-formed XML: no element found: line 1, column 0; is it complete?",
        ),
        (
            "a.net.xml",
            "signals = 3\n",
            "is not well-formed XML: syntax error: line 1, column 0; is it complete?",
        ),
        (
            "a.net.xml",
            b"\x00\x01\x02\x03",
            "is not well-formed XML: not well-formed (invalid token): line 1, column 0; "
            "is it complete?",
        ),
        (
            "a.net.xml",
            '<net version="1.20"><edge id="a"',
            "is not well-formed XML: unclosed token: line 1, column 20; is it complete?",
        ),
        (
            "a.net.xml",
            '<net version="1.20">\n<edge id="a">',
            "is not well-formed XML: no element found: line 2, column 13; is it complete?",
        ),
        (
            "a.net.xml",
            '<?xml version="1.0" encoding="klingon"?><net/>',
            "is not well-formed XML: unknown encoding: klingon; is it complete?",
        ),
        (
            "a.net.xml",
            '<?xml version="1.0" encoding="shift_jis"?><net/>',
            "is not well-formed XML: multi-byte encodings are not supported; is it complete?",
        ),
        (
            "a.net.xml.gz",
            "<net/>",
            "ends in .gz but is not gzip data; rename it or compress it again",
        ),
    ],
)
def test_broken_files_get_one_sentence(write, name, content, message):
    path = write(name, content)
    assert messages(path) == [f"network {path} {message}"] * 2


def test_truncated_gzip(write):
    whole = gzip.compress(b"<net version='1.20'>" + bytes(range(32, 60)) * 200 + b"</net>")
    path = write("a.net.xml.gz", whole[: len(whole) // 2])
    for message in messages(path):
        assert message == (
            f"network {path} is damaged gzip data (Compressed file ended before the "
            "end-of-stream marker was reached); copy or compress it again"
        )


def test_corrupt_gzip(write):
    whole = bytearray(
        gzip.compress(b"<net version='1.20'>" + b"<param key='a'/>" * 500 + b"</net>")
    )
    whole[-8] ^= 0xFF  # its checksum
    path = write("a.net.xml.gz", bytes(whole))
    with pytest.raises(InputError, match="is damaged gzip data"):
        list(elements(path, what="network"))
    whole[12] ^= 0xFF  # its data
    path = write("b.net.xml.gz", bytes(whole))
    for message in messages(path):
        assert message.startswith(f"network {path} is ")
        assert message.endswith(("copy or compress it again", "is it complete?"))


@pytest.mark.parametrize("packed", [True, False])
def test_oversized_documents(write, monkeypatch, packed):
    text = b"<net version='1.20'>" + b"<param/>" * 150_000 + b"</net>"
    path = write("a.net.xml.gz" if packed else "a.net.xml", gzip.compress(text) if packed else text)
    assert sum(1 for _ in elements(path)) == 150_000
    monkeypatch.setattr(xml, "MAX_INFLATED_BYTES", 2**20)
    assert messages(path) == [f"network {path} holds more than 1 MiB of XML; split it"] * 2


def test_deep_nesting(write):
    deep = "<a>" * 65 + "</a>" * 65
    path = write("a.xml", deep)
    with pytest.raises(InputError) as caught:
        list(elements(path))
    assert str(caught.value) == f"file {path} nests deeper than 64 elements"
    assert len(list(elements(write("b.xml", "<a>" * 64 + "</a>" * 64)))) == 1


def test_very_deep_network_does_not_crash(write):
    path = write("a.net.xml", "<net version='1.20'>" + "<a>" * 50_000 + "</a>" * 50_000 + "</net>")
    network = read_network(path)
    assert network.edges == {}


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(InputError) as caught:
        require_file(tmp_path / "gone.xml", "network")
    assert str(caught.value) == f"network {tmp_path / 'gone.xml'} does not exist; check the path"
    with pytest.raises(InputError) as caught:
        require_file(tmp_path, "network")
    assert str(caught.value) == f"network {tmp_path} is a folder; name a file"
    assert caught.value.exit_code == 3


def test_unreadable_file(write, monkeypatch):
    path = write("a.xml", "<net/>")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(InputError) as caught:
        require_file(path, "demand")
    assert str(caught.value) == (
        f"demand {path} cannot be read (Permission denied); check the path and its permissions"
    )


def test_name_too_long(tmp_path):
    with pytest.raises(InputError, match="File name too long"):
        require_file(tmp_path / ("x" * 300), "network")


def test_elements_come_whole_and_in_order(write):
    path = write("a.xml", "<r><a k='1'><b/><b/></a><c/><a k='2'/></r>")
    found = [(e.tag, e.get("k"), len(e)) for e in elements(path)]
    assert found == [("a", "1", 2), ("c", None, 0), ("a", "2", 0)]
    assert [e.tag for e in elements(path, at_depth=2)] == ["b", "b"]
    assert root_tag(path) == "r"


def test_gzip_is_known_by_its_content(write):
    path = write("a.xml", gzip.compress(b"<r/>"))
    assert root_tag(path) == "r"
    with open_xml(path) as stream:
        assert stream.read() == b"<r/>"


def test_comments_and_declarations_before_the_root(write):
    path = write("a.xml", "<?xml version='1.0'?><!-- made by hand --><?pi x?>\n<r/>")
    assert root_tag(path) == "r"
