"""Cases with a known verdict: the examples of Proto/README.md, and corners that random bytes seldom reach."""
import dataclasses
import re

import native


@dataclasses.dataclass
class Case:
    type: str
    data: bytes
    accepted: bool
    json: str | None = None    # the value, where the page gives it
    offset: int | None = None  # where it is refused, where the page says it


def of_page(page):
    """The rows of the page's tables, and the two encodings that its last paragraph names."""
    cells = [[cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
             for line in page.splitlines() if re.match(r"\| `[A-Z]\w+` \|", line)]
    for row in cells:
        if len(row) == 3:
            yield Case(f"example.{row[0]}", bytes.fromhex(row[2]), True, json=row[1])
        else:
            yield Case(f"example.{row[0]}", bytes.fromhex(row[1]), False, offset=int(row[2]))
    kept = page[page.index("And these two, read by the schema above, are kept"):]
    (one, one_type), (two_type, two) = (
        re.search(r"`([0-9A-F ]+)` for `(\w+)`", kept).groups(), re.search(r"`(\w+)` `([0-9A-F ]+)`", kept).groups())
    yield Case(f"example.{one_type}", bytes.fromhex(one), True)
    yield Case(f"example.{two_type}", bytes.fromhex(two), True)


def of_corners():
    for type_name, accepted, refused in _CORNERS:
        for spelled in accepted:
            yield Case(type_name, spelled, True)
        for spelled in refused:
            yield Case(type_name, spelled, False)


def _has(*numbers):
    """A presence."""
    return native.varint_bytes(sum(1 << number - 1 for number in numbers))


def _sized(content):
    return native.varint_bytes(len(content)) + (content.encode() if isinstance(content, str) else content)


def _hex(*spelled):
    return [bytes.fromhex(each) for each in spelled]


def _texts(*keys):
    """A map with these keys, whose values are empty."""
    return _has(13) + bytes([len(keys)]) + b"".join(_sized(key.encode()) + b"\0" for key in keys)


def _nested(levels, innermost=b"\0", field=6):
    data = innermost
    for _ in range(levels - 1):
        data = _has(field) + (b"\1" if field == 3 else b"") + _sized(data)
    return data


def _keyed(number, value, *keys):
    return _has(number) + bytes([len(keys)]) + b"".join(bytes.fromhex(key) + value for key in keys)


_ALL_BITS = b"\xff" * 8 + b"\x7f"
_LONG = b"\xff" * 9 + b"\1"
_CORNERS = [  # type, accepted, refused
    ("every.Empty", [b"\0", b"\1", _ALL_BITS, _ALL_BITS + b"any", b"\1" + b"\0" * 300],
     [b"", b"\0\0", b"\xff" * 9 + b"\1", b"\xff" * 10, b"\x80" * 9 + b"\2", b"\x80" * 10 + b"\1", b"\x80" * 9 + b"\0", b"\x80"]),
    ("every.Tree", [_nested(64), _nested(64, field=3), _nested(64, b"\x80\x02deep"), _has(7) + b"\1\0", _has(2, 5) + b"\0"],
     [_nested(65), _nested(65, field=3), _nested(200), _has(7, 8) + b"\1\0\1\0", _has(2, 5) + b"\2", _has(6), _has(6) + b"\0",
      _has(6) + b"\2\0\0", _has(6) + b"\2\0", _has(3) + b"\2\2\0", _has(3) + _LONG + b"\1\0"]),
    ("google.protobuf.Value", [_has(1) + b"\0", _has(2) + b"\0" * 8, _has(3) + b"\0", _has(4) + b"\0", _has(5) + b"\1\0"],
     [_has(1, 2) + b"\0" * 9, _has(5, 6) + b"\1\0\1\0"]),
    ("every.Singular", [
        _has(1) + b"\0" * 7 + b"\x80", _has(1) + bytes.fromhex("010000000000f07f"), _has(2) + b"\0\0\0\x80",
        _has(2) + b"\1\0\xc0\xff", _has(3) + _hex("ffffffff0f")[0], _has(4) + _LONG, _has(5) + _hex("ffffffff0f")[0],
        _has(6) + _LONG, _has(9) + b"\0\0\0\x80", _has(12) + b"\1" + b"\0" * 7, _has(13, 62), _has(31) + _hex("ffffffff0f")[0],
        _has(13, 63) + b"\1\0", _has(15) + b"\1\0", _has(15) + _sized("z" * 16384), _has(33, 63) + b"\5\x80\2new" + b"\1a"],
     [_has(1) + b"\0" * 8, _has(2) + b"\0" * 4, _has(3) + b"\0", _has(3) + _hex("8080808010")[0], _has(4) + b"\x80\0",
      _has(9) + b"\0" * 4, _has(12) + b"\0" * 8, _has(14), _has(61), _has(14) + b"\0", _has(13, 14, 62), _has(13) + b"\1",
      _has(15) + b"\0", _has(16) + b"\0", _has(31) + b"\0", _has(1) + b"\1" * 7, _has(2) + b"\1" * 3, _has(15) + _LONG + b"a",
      _has(15) + b"\x81\0a", _has(33) + b"\3\x80\2"]),
    ("every.Singular",
     [_has(15) + _sized(each) for each in _hex("f48fbfbf", "ed9fbf", "ee8080", "efbfbf", "efbbbf", "c280", "e0a080", "f0908080")],
     [_has(15) + _sized(each) for each in _hex("c080", "c1bf", "e09fbf", "f08fbfbf", "eda080", "edbfbf", "f4908080", "f5808080",
                                              "f888808080", "80", "c3", "e282", "f09f98", "61ff", "fe", "c328", "e228a1")]),
    ("every.Optional", [_has(1) + b"\0" * 8, _has(2) + b"\0" * 4, *(_has(n) + b"\0" for n in (3, 4, 5, 6, 7, 8, 13, 14, 15, 16)),
                        _has(13) + b"\1", _has(17) + b"\1\0"],
     [_has(13), _has(13) + b"\2", _has(3) + _hex("8080808010")[0], _has(7) + _hex("8080808010")[0], _has(16) + _hex("8080808010")[0]]),
    ("every.List", [_has(13) + b"\3\0\1\0", _has(18) + b"\2\1\0\1\0", _has(18) + b"\2\1\0\2\1a", _has(14) + b"\2\0\0", _has(1) + b"\1" + b"\0" * 8,
                    _has(19) + b"\2\0\0"],
     [*(_has(n) + b"\0" for n in range(1, 20)), *(_has(n) + _LONG for n in range(1, 20)), _has(13) + b"\2\0\2", _has(1) + b"\2" + b"\0" * 15,
      _has(18) + b"\2\1\0\1", _has(18) + b"\2\1\0\0", _has(14) + b"\1\2a", _has(13) + b"\x81\0\1"]),
    ("every.Choice", [_has(13) + b"\0", _has(14) + b"\0", _has(1) + b"\0" * 8, _has(40) + b"\1\0", _has(13, 18) + b"\0\0",
                      _has(18, 40) + b"\0\1\0", _has(13, 30, 41) + b"\0\2\0", _has(13, 42) + b"\0"],
     [_has(13, 14) + b"\0\0", _has(1, 40) + b"\0" * 8 + b"\1\0", _has(18, 41) + b"\0\0", _has(13, 18, 41) + b"\0\0\0", _has(13, 19) + b"\0",
      _has(13) + b"\2", _has(13)]),
    ("every.Map", [
        _texts("e\u0301", "\u00e9"), _texts("\u00c5", "\u212b"), _texts("", "\0", "\0\0", "a", "aa", "b"), _texts("\uffff", "\U00010000"),
        _keyed(1, b"\0" * 8, "ffffffff0f", "01", "00", "02", "feffffff0f"), _keyed(4, b"\0", "00", "8001", "ff" * 9 + "01"),
        _keyed(7, b"\0" * 8, "00000000", "00010000", "ffffffff"), _keyed(9, b"\0", "ffffffff", "00000000", "01000000"),
        _keyed(11, b"\0", "00", "01"), _keyed(14, b"\1\0", "00"), _keyed(14, b"\2\1a", "00", "01")],
     [_texts("\u00e9", "e\u0301"), _texts("\u212b", "\u00c5"), _texts("a", ""), _texts("aa", "a"), _texts("a", "a"), _texts("", ""),
      _texts("\U00010000", "\uffff"), _keyed(1, b"\0" * 8, "00", "01"), _keyed(4, b"\0", "ff" * 9 + "01", "00"), _keyed(4, b"\0", "00", "00"),
      _keyed(7, b"\0" * 8, "00010000", "01000000"), _keyed(9, b"\0", "00000000", "ffffffff"), _keyed(11, b"\0", "01", "00"),
      _keyed(11, b"\0", "02"), _keyed(11, b"\0", "00", "01", "01"), _keyed(14, b"\0", "00"), _has(8) + b"\1\0\2",
      *(_has(n) + b"\0" for n in range(1, 15)), *(_has(n) + _LONG for n in range(1, 15)), _has(13) + b"\1\0"]),
]
