"""Native, Sarai's canonical binary encoding, for the messages of Python's protobuf.

Written from Proto/README.md alone, as a check on that page and on the Swift implementation. The decoding budget is left
out: it bounds the memory of a server, and what a value costs differs from language to language.
"""
import functools
import struct

from google.protobuf.descriptor import FieldDescriptor as F
from google.protobuf.unknown_fields import UnknownFieldSet

DEEPEST = 64
_VARINTS = {  # type: zigzag?, bits
    F.TYPE_UINT32: (False, 32), F.TYPE_UINT64: (False, 64),
    F.TYPE_INT32: (True, 32), F.TYPE_SINT32: (True, 32), F.TYPE_ENUM: (True, 32),
    F.TYPE_INT64: (True, 64), F.TYPE_SINT64: (True, 64),
}
FIXED = {
    F.TYPE_FIXED32: struct.Struct("<I"), F.TYPE_SFIXED32: struct.Struct("<i"), F.TYPE_FLOAT: struct.Struct("<f"),
    F.TYPE_FIXED64: struct.Struct("<Q"), F.TYPE_SFIXED64: struct.Struct("<q"), F.TYPE_DOUBLE: struct.Struct("<d"),
}


class Refused(ValueError):
    """Bytes that are not the native encoding of any value; `offset` is where the refused value begins."""

    def __init__(self, offset, why):
        super().__init__(f"at byte {offset}: {why}")
        self.offset, self.why = offset, why


class NoNative(TypeError):
    """A message, or a type of messages, that native cannot spell."""


class Unrepresentable(Exception):
    """A good encoding of a value that Python cannot hold: it quiets a signalling NaN of 32 bits."""


def encode(message):
    """The one native encoding of `message`."""
    presence, values = 0, []
    for field in _fields(message.DESCRIPTOR):
        if _is_present(message, field):
            presence |= 1 << field.number - 1
            values.append(_field_bytes(field, getattr(message, field.name)))
    bits, tail = unknown_fields(message)
    return varint_bytes(presence | bits) + b"".join(values) + tail


def decode(message_class, data):
    """The message that `data` spells; raises `Refused` when it spells none."""
    message = message_class()
    Decoder(data).message(message, len(data), 1)
    return message


def has_native(descriptor):
    """Whether messages of this type, and all that they may hold, can be written in native."""
    seen, waiting = set(), [descriptor]
    while waiting:
        each = waiting.pop()
        if each.full_name not in seen:
            seen.add(each.full_name)
            if any(field.number > 63 for field in each.fields):
                return False
            waiting += [field.message_type for field in each.fields if field.message_type]
    return True


# A newer sender's fields live in the message itself, as one unknown protobuf field of the highest number there is: its
# bytes are the presence bits as a varint, then the rest. Thus they stay with nested messages too, in lists and in maps.
_KEPT = 536870911
_KEPT_TAG = bytes.fromhex("faffffff0f")


def keep_unknown_fields(message, bits, tail):
    """Sets the presence bits and the bytes of the fields that the schema of `message` does not know."""
    kept = varint_bytes(bits) + tail
    message.MergeFromString(_KEPT_TAG + varint_bytes(len(kept)) + kept)


def unknown_fields(message):
    """The presence bits and the bytes of the fields that the schema of `message` does not know."""
    kept = UnknownFieldSet(message)
    if len(kept) == 0:
        return 0, b""
    if len(kept) > 1 or kept[0].field_number != _KEPT:
        raise NoNative("unknown protobuf fields have no native encoding")
    reader = Decoder(kept[0].data)
    bits = reader.varint(len(reader.data))
    return bits, reader.data[reader.at:]


@functools.cache
def _fields(descriptor):
    if not has_native(descriptor):
        raise NoNative(f"{descriptor.full_name} has, or holds, a field with a number above 63")
    return sorted(descriptor.fields, key=lambda field: field.number)


@functools.cache
def entry_fields(field):
    """The fields of the key and of the value when `field` is a map, else nothing."""
    entry = field.message_type
    if entry and entry.GetOptions().map_entry:
        return entry.fields_by_number[1], entry.fields_by_number[2]


@functools.cache
def _is_plain(field):
    """Whether the field is a singular scalar whose presence follows from its value."""
    return not (field.label == F.LABEL_REPEATED or field.message_type or field.containing_oneof)


@functools.cache
def _least_size(field):
    """The fewest bytes that an element, key or value takes."""
    if field.type in FIXED:
        return FIXED[field.type].size
    return 2 if field.type == F.TYPE_MESSAGE else 1


def _is_present(message, field):
    if field.label == F.LABEL_REPEATED:
        return len(getattr(message, field.name)) > 0
    if not _is_plain(field):
        return message.HasField(field.name)
    return any(_value_bytes(field, getattr(message, field.name)))  # only a default is spelled in zeros alone


def _field_bytes(field, value):
    if entry := entry_fields(field):
        order = str.encode if entry[0].type == F.TYPE_STRING else None
        pairs = ((key, value[key]) for key in sorted(value, key=order))
        return varint_bytes(len(value)) + b"".join(
            _value_bytes(entry[0], key) + _value_bytes(entry[1], held) for key, held in pairs)
    if field.label == F.LABEL_REPEATED:
        return varint_bytes(len(value)) + b"".join(_value_bytes(field, element) for element in value)
    if field.type == F.TYPE_BOOL and _is_plain(field):
        return b""
    return _value_bytes(field, value)


def _value_bytes(field, value):
    if field.type in _VARINTS:
        zigzag, _ = _VARINTS[field.type]
        return varint_bytes((value << 1) ^ (value >> 63) if zigzag else value)
    if field.type in FIXED:
        return FIXED[field.type].pack(value)
    if field.type == F.TYPE_BOOL:
        return b"\x01" if value else b"\x00"
    if field.type == F.TYPE_STRING:
        value = value.encode()
    elif field.type == F.TYPE_MESSAGE:
        value = encode(value)
    return varint_bytes(len(value)) + value


def varint_bytes(value):
    groups = bytearray()
    while value > 0x7F:
        groups.append(value & 0x7F | 0x80)
        value >>= 7
    groups.append(value)
    return bytes(groups)


class Decoder:
    """Reads `data` from `at` onwards. `end` is always the end of the innermost message."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def message(self, message, end, depth):
        start = self.at
        presence = self.varint(end)
        fields = _fields(message.DESCRIPTOR)
        known = sum(1 << field.number - 1 for field in fields)
        unknown = presence & ~known
        if presence >> 63:
            raise Refused(start, "presence bit 63")
        if unknown and unknown & -unknown < known:
            raise Refused(start, "an unknown presence bit below a known field")
        oneofs = set()
        for field in fields:
            if presence >> field.number - 1 & 1:
                if field.containing_oneof:
                    if field.containing_oneof.name in oneofs:
                        raise Refused(self.at, f"two members of {field.containing_oneof.name}")
                    oneofs.add(field.containing_oneof.name)
                self.field(message, field, end, depth)
        if unknown:
            keep_unknown_fields(message, unknown, self.data[self.at:end])
            self.at = end
        if self.at != end:
            raise Refused(self.at, "bytes after the last value")

    def field(self, message, field, end, depth):
        start = self.at
        if field.label == F.LABEL_REPEATED:
            self.elements(getattr(message, field.name), field, end, depth)
        elif field.type == F.TYPE_MESSAGE:
            nested = getattr(message, field.name)
            nested.SetInParent()
            self.nested(nested, end, depth)
        elif field.type == F.TYPE_BOOL and _is_plain(field):
            setattr(message, field.name, True)
        else:
            setattr(message, field.name, self.value(field, end))
            if _is_plain(field) and not any(self.data[start:self.at]):
                raise Refused(start, f"{field.name} is present but at its default")

    def elements(self, elements, field, end, depth):
        start = self.at
        entry = entry_fields(field)
        count = self.varint(end)
        if count == 0:
            raise Refused(start, f"{field.name} is present but has no elements")
        if count * sum(map(_least_size, entry or [field])) > end - self.at:
            raise Refused(start, f"{count} elements do not fit into what remains")
        last = None
        for _ in range(count):
            if entry:
                last = self.entry(elements, *entry, last, end, depth)
            elif field.type == F.TYPE_MESSAGE:
                self.nested(elements.add(), end, depth)
            else:
                elements.append(self.value(field, end))

    def entry(self, elements, key_field, value_field, last, end, depth):
        start = self.at
        key = self.value(key_field, end)
        order = key.encode() if key_field.type == F.TYPE_STRING else key
        if last is not None and order <= last:
            raise Refused(start, "map keys do not ascend")
        if value_field.type == F.TYPE_MESSAGE:
            self.nested(elements[key], end, depth)
        else:
            elements[key] = self.value(value_field, end)
        return order

    def nested(self, message, end, depth):
        start = self.at
        length = self.length(end)
        if depth == DEEPEST:
            raise Refused(start, f"messages nested deeper than {DEEPEST} levels")
        self.message(message, self.at + length, depth + 1)

    def value(self, field, end):
        """A scalar, in full."""
        start = self.at
        if field.type in _VARINTS:
            zigzag, bits = _VARINTS[field.type]
            number = self.varint(end)
            if number >> bits:
                raise Refused(start, f"{number} has more than {bits} bits")
            return number >> 1 ^ -(number & 1) if zigzag else number
        if field.type in FIXED:
            layout = FIXED[field.type]
            raw = self.take(layout.size, end, start)
            if field.type == F.TYPE_FLOAT and 0x7F800000 < int.from_bytes(raw, "little") & 0x7FFFFFFF < 0x7FC00000:
                raise Unrepresentable("a signalling NaN")
            return layout.unpack(raw)[0]
        if field.type == F.TYPE_BOOL:
            raw = self.take(1, end, start)
            if raw[0] > 1:
                raise Refused(start, f"a bool of {raw[0]}")
            return raw == b"\x01"
        length = self.length(end)
        content = self.at
        raw = self.take(length, end, start)
        if field.type == F.TYPE_BYTES:
            return raw
        try:
            return raw.decode()
        except UnicodeDecodeError:
            raise Refused(content, "not UTF-8") from None

    def take(self, size, end, start):
        if size > end - self.at:
            raise Refused(start, "ends inside a value")
        self.at += size
        return self.data[self.at - size:self.at]

    def length(self, end):
        start = self.at
        length = self.varint(end)
        if length > end - self.at:
            raise Refused(start, f"a length of {length} with {end - self.at} bytes left")
        return length

    def varint(self, end):
        start, value = self.at, 0
        for shift in range(0, 70, 7):
            byte = self.take(1, end, start)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if byte == 0 and shift > 0:
                    raise Refused(start, "a varint that is not in its shortest form")
                if value >> 64:
                    break
                return value
        raise Refused(start, "a varint of more than 64 bits")
