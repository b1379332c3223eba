"""A second reader of the container, written from its description alone, to check the writer against."""

import base64
import gzip
import json


class Section:
    def __init__(self, content):
        self.content, self.at = content, 0

    def whole(self):
        value, shift = 0, 0
        while True:
            byte = self.content[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    def signed(self):
        value = self.whole()
        return -(value + 1) // 2 if value % 2 else value // 2


def read_container(content):
    """Return the head and one dict a feature: `parts` (lists of rings of pixels) and the columns."""
    assert content[:4] == b"PLC1"
    length = int.from_bytes(content[4:8], "little")
    head = json.loads(content[8 : 8 + length])
    sections, at = [], 8 + length
    for size in head["bytes"]:
        sections.append(Section(content[at : at + size]))
        at += size
    assert at == len(content)
    queue = iter(sections)
    parts, rings, sizes, steps = (next(queue) for _ in range(4))
    features, start = [], (0, 0)
    for _ in range(head["count"]):
        shape = []
        for _ in range(parts.whole()):
            part = []
            for _ in range(rings.whole()):
                x, y = start
                ring = []
                for place in range(sizes.whole()):
                    x, y = x + steps.signed(), y + steps.signed()
                    start = (x, y) if place == 0 else start
                    ring.append((x + head["origin"][0], y + head["origin"][1]))
                part.append(ring)
            shape.append(part)
        features.append({"parts": shape})
    for column in head["columns"]:
        section = next(queue)
        codes = [section.whole() for _ in features]
        tails = [0] * len(features)
        if column["type"] == "numbered":
            section = next(queue)
            tails = [section.whole() for _ in features]
        for feature, code, tail in zip(features, codes, tails, strict=True):
            feature[column["name"]] = _value(column, code, tail)
    return head, features


def _value(column, code, tail):
    if code == 0:
        return None
    if column["type"] == "number":
        whole = code - 1 + column["lowest"]
        decimals = column["decimals"]
        return whole / 10**decimals if decimals >= 0 else float(whole * 10**-decimals)
    return column["values"][code - 1] + (str(tail - 1) if tail else "")


def unpack(text):
    return gzip.decompress(base64.b64decode(text))
