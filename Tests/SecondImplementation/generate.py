"""Random messages of any type, as Hypothesis strategies, and mutants of their native encodings."""
import functools

from google.protobuf.descriptor import FieldDescriptor as F
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

import native

# Texts that differ in length on the wire, in script, and in nothing but their normal form: keys of one map, to native.
TEXTS = [
    "", "a", "b", "ab", "\0", "PKR", "سیالکوٹ", "فٹ بال", "مرحبًا بكم", "足球", "锡亚尔科特", "手工縫製的足球", "⚽️", "👩🏽‍🏭",
    "\u00e9", "e\u0301", "\u1112\u1161\u11ab", "\ud55c", "\u212b", "\u00c5", "\ufeff", "\uffff", "\U0010ffff", "\ud7ff",
    "\r\n", "fifteen  bytes.", "sixteen   bytes.", "x" * 127, "y" * 128, "ہاتھ " * 40,
]


def _integers(low, high):
    edges = {low, high, low + 1, high - 1, -1, 0, 1, 63, 64, -64, -65, 127, 128, 8191, 8192, 2**31 - 1, 2**31, 2**32 - 1, 2**53}
    return st.one_of(st.sampled_from(sorted(edge for edge in edges if low <= edge <= high)), st.integers(low, high))


def _floats(width):
    return st.one_of(
        st.sampled_from([0.0, -0.0, float("nan"), -float("nan"), float("inf"), -float("inf"), 0.4375, 1.0, -1.0]),
        st.floats(width=width))


_INT32, _INT64 = _integers(-2**31, 2**31 - 1), _integers(-2**63, 2**63 - 1)
_UINT32, _UINT64 = _integers(0, 2**32 - 1), _integers(0, 2**64 - 1)
_SCALARS = {
    F.TYPE_INT32: _INT32, F.TYPE_SINT32: _INT32, F.TYPE_SFIXED32: _INT32, F.TYPE_UINT32: _UINT32, F.TYPE_FIXED32: _UINT32,
    F.TYPE_INT64: _INT64, F.TYPE_SINT64: _INT64, F.TYPE_SFIXED64: _INT64, F.TYPE_UINT64: _UINT64, F.TYPE_FIXED64: _UINT64,
    F.TYPE_FLOAT: _floats(32), F.TYPE_DOUBLE: _floats(64), F.TYPE_BOOL: st.booleans(),
    F.TYPE_STRING: st.one_of(st.sampled_from(TEXTS), st.text(max_size=8)),
    F.TYPE_BYTES: st.one_of(st.sampled_from([b"", b"\0", b"\xde\xad\xbe\xef", bytes(range(256))]), st.binary(max_size=8)),
}


@functools.cache
def messages(descriptor, levels=3):
    """Messages of a type, each field set or not, nested at most so many levels below; the lowest messages are empty."""
    message_class = GetMessageClass(descriptor)
    if levels < 0 or not descriptor.fields:
        return st.builds(message_class)
    alone = [field for field in descriptor.fields if not field.containing_oneof]
    optional = {field.name: _fields(field, levels) for field in alone}
    for oneof in descriptor.oneofs:
        optional[oneof.name] = st.one_of(
            [st.tuples(st.just(field.name), _fields(field, levels)) for field in oneof.fields])
    return st.fixed_dictionaries({}, optional=optional).map(functools.partial(_build, message_class))


def _fields(field, levels):
    most = max(1, levels)
    if entry := native.entry_fields(field):
        return st.dictionaries(_values(entry[0], levels), _values(entry[1], levels), min_size=1, max_size=most)
    if field.label == F.LABEL_REPEATED:
        return st.lists(_values(field, levels), min_size=1, max_size=most)
    return _values(field, levels)


@functools.cache
def _values(field, levels):
    if field.type == F.TYPE_MESSAGE:
        return messages(field.message_type, levels - 1)
    if field.type == F.TYPE_ENUM:
        named = sorted({value.number for value in field.enum_type.values})
        return st.one_of(st.sampled_from(named), st.sampled_from([-1, 99, 2**31 - 1, -2**31]))
    return _SCALARS[field.type]


def _build(message_class, chosen):
    message = message_class()
    oneofs = message_class.DESCRIPTOR.oneofs_by_name
    for name, value in chosen.items():
        if name in oneofs:
            name, value = value
        field = message_class.DESCRIPTOR.fields_by_name[name]
        held = getattr(message, name)
        if entry := native.entry_fields(field):
            for key, each in value.items():
                if entry[1].type == F.TYPE_MESSAGE:
                    held[key].CopyFrom(each)
                else:
                    held[key] = each
        elif field.label == F.LABEL_REPEATED:
            held.extend(value)
        elif field.type == F.TYPE_MESSAGE:
            held.CopyFrom(value)
            held.SetInParent()
        else:
            setattr(message, name, value)
    return message


class _Tracer(native.Decoder):
    """Notes where things stand in a good encoding: scalars by their type, presences, counts, messages and map entries. A
    message's span begins with its length."""

    def __init__(self, message, data):
        super().__init__(data)
        self.spans = []
        self.message(type(message)(), len(data), 1)

    def message(self, message, end, depth):
        self.spans.append(("presence", self.at, self.after_varint(self.at)))
        super().message(message, end, depth)

    def elements(self, elements, field, end, depth):
        self.spans.append(("count", self.at, self.after_varint(self.at)))
        super().elements(elements, field, end, depth)

    def nested(self, message, end, depth):
        start = self.at
        super().nested(message, end, depth)
        self.spans.append(("message", start, self.at))

    def entry(self, elements, *rest):
        start = self.at
        order = super().entry(elements, *rest)
        self.spans.append(("entry", start, self.at))
        return order

    def value(self, field, end):
        start = self.at
        value = super().value(field, end)
        self.spans.append((field.type, start, self.at))
        return value

    def after_varint(self, at):
        while self.data[at] & 0x80:
            at += 1
        return at + 1

    def replaced(self, start, end, new):
        """The data with something else in one place and the lengths of the messages around it put right."""
        data = self.data[:start] + new + self.data[end:]
        around = [span for span in self.spans if span[0] == "message" and span[1] < start and end <= span[2]]
        for _, length_at, until in sorted(around, key=lambda span: -span[1]):
            begin = self.after_varint(length_at)
            length = until - begin + len(data) - len(self.data)
            data = data[:length_at] + native.varint_bytes(length) + data[begin:]
        return data


def mutant(rng, message, other):
    """Bytes that differ from the encoding of `message`; about half the time still an encoding of its type. `other` is the
    encoding of some other message."""
    data = native.encode(message)
    for _ in range(20):
        change = rng.choice([_changed, _changed, _newer_sender, _newer_sender, _respelled, _entries_moved, _damaged])
        changed = change(rng, message, data, other)
        if changed != data:
            return changed
    return data + b"\0"


def _changed(rng, message, data, other):
    """One value is another of the same length."""
    spans = [span for span in _Tracer(message, data).spans if span[0] not in ("message", "entry", "count")]
    values = [span for span in spans if span[0] != "presence"]
    kind, start, end = rng.choice(values if values and rng.random() < 0.8 else spans)
    changed, size = bytearray(data), end - start
    if kind == "presence":
        changed[rng.randrange(start, end)] ^= 1 << rng.randrange(7)
    elif kind in (F.TYPE_STRING, F.TYPE_BYTES):
        at = rng.randrange(start, end)
        changed[at] = rng.choice(b"aZ09~\0") if changed[at] < 0x80 else changed[at] ^ rng.choice([1, 2, 4, 8])
    elif kind == F.TYPE_BOOL:
        changed[start] = rng.choice([0, 0, 1, 1, 2, 0x80])
    elif kind in native.FIXED:
        changed[start:end] = rng.choice([rng.randbytes(size), bytes(size - 1) + b"\x80", b"\xff" * size, bytes(size)])
    else:
        for at in range(start, end):
            changed[at] = rng.randrange(128) | (0x80 if at < end - 1 else 0)
    return bytes(changed)


def _respelled(rng, message, data, other):
    """One thing is spelled differently or is something else, and the lengths around it are right."""
    tracer = _Tracer(message, data)
    kind, start, end = rng.choice(tracer.spans)
    spelled = data[start:end]
    return tracer.replaced(start, end, rng.choice([
        b"", b"\0", bytes(len(spelled)), b"\x01", b"\x02\0\0", spelled + b"\0", spelled * 2,
        spelled[:-1] + bytes([spelled[-1] | 0x80, 0]), spelled[:-1] + bytes([spelled[-1] | 0x80, 1]),
        b"\xff" * 9 + b"\x01", b"\xff\xff\xff\xff\x0f", b"\x80\x80\x80\x80\x10",
        native.varint_bytes(rng.getrandbits(rng.choice([7, 14, 32, 63]))), rng.randbytes(rng.randrange(1, 6)),
    ]))


def _newer_sender(rng, message, data, other):
    """One message, at any depth, has fields above those that the schema knows, or below."""
    newer = type(message)()
    newer.CopyFrom(message)
    chosen = rng.choice(list(_all_messages(newer)))
    numbers = [field.number for field in chosen.DESCRIPTOR.fields]
    free = [n for n in range(1, 64) if n > max(numbers, default=0) or rng.random() < 0.05 and n not in numbers]
    if not free:
        return data
    bits = sum(1 << n - 1 for n in rng.sample(free, min(len(free), rng.randrange(1, 4))))
    native.keep_unknown_fields(chosen, bits, rng.randbytes(rng.choice([0, 1, 2, 20])))
    return native.encode(newer)


def _all_messages(message):
    yield message
    for field, value in message.ListFields():
        if field.type == F.TYPE_MESSAGE:
            entry = native.entry_fields(field)
            if entry and entry[1].type != F.TYPE_MESSAGE:
                continue
            held = value.values() if entry else value if field.label == F.LABEL_REPEATED else [value]
            for each in held:
                yield from _all_messages(each)


def _entries_moved(rng, message, data, other):
    """Two neighbouring entries of a map change places, or one takes the place of both."""
    tracer = _Tracer(message, data)
    entries = [(start, end) for kind, start, end in tracer.spans if kind == "entry"]
    pairs = [(start, middle, end) for start, middle in entries for after, end in entries if after == middle]
    if not pairs:
        return data
    start, middle, end = rng.choice(pairs)
    first, second = data[start:middle], data[middle:end]
    return tracer.replaced(start, end, rng.choice([second + first, first * 2, second * 2]))


def _damaged(rng, message, data, other):
    """Damage that knows nothing of the encoding."""
    at, until = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    until = min(until, at + 8)
    few = rng.choice([b"\0", b"\1", b"\x80", b"\xff", b"\xff\xff\xff\xff\x0f", b"\x80" * 9 + b"\1", rng.randbytes(rng.randrange(1, 5))])
    changed = bytearray(data)
    match rng.randrange(8):
        case 0:
            changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        case 1:
            changed[rng.randrange(len(data))] = few[0]
        case 2:
            del changed[at:]
        case 3:
            changed += few
        case 4:
            changed[at:at] = few
        case 5:
            del changed[at:until]
        case 6:
            changed[at:at] = data[at:until]
        case 7:
            changed[at:] = other[rng.randrange(len(other)):]
    return bytes(changed)
