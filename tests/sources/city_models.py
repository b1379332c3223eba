"""Small CityJSON models, written by hand: boxes and houses on a metric plane."""

import json

ORIGIN = (500_000.0, 5_500_000.0, 100.0)
SCALE = 0.001
SYSTEM = "https://www.opengis.net/def/crs/EPSG/0/25832"


class Model:
    """A CityJSON document that grows by buildings; corners are quantised as the format demands."""

    def __init__(self, version="2.0", system=SYSTEM):
        self.version, self.system, self.objects, self.corners = version, system, {}, []

    def corner(self, x, y, z):
        self.corners.append([round(x / SCALE), round(y / SCALE), round(z / SCALE)])
        return len(self.corners) - 1

    def ring(self, *points):
        return [self.corner(*point) for point in points]

    def add(
        self, name, faces, *, lod="2.2", kind="Building", attributes=None, semantics=True, solid=True, **more
    ):
        """Add an object of faces: (semantic, ring of points, holes …)."""
        boundaries = [[self.ring(*ring) for ring in rings] for _, *rings in faces]
        geometry = {"type": "Solid" if solid else "MultiSurface", "lod": lod}
        geometry["boundaries"] = [boundaries] if solid else boundaries
        if semantics:
            kinds = sorted({semantic for semantic, *_ in faces})
            values = [kinds.index(semantic) for semantic, *_ in faces]
            geometry["semantics"] = {
                "surfaces": [{"type": f"{one}Surface"} for one in kinds],
                "values": [values] if solid else values,
            }  # fmt: skip
        self.objects[name] = {"type": kind, "attributes": attributes or {}, "geometry": [geometry], **more}
        return self

    @property
    def transform(self):
        return {"scale": [SCALE] * 3, "translate": list(ORIGIN)}

    def document(self):
        metadata = {"referenceSystem": self.system} if self.system else {}
        return {
            "type": "CityJSON", "version": self.version, "metadata": metadata, "transform": self.transform,
            "CityObjects": self.objects, "vertices": self.corners,
        }  # fmt: skip

    def write(self, path):
        path.write_text(json.dumps(self.document()), encoding="utf-8")
        return path

    def write_sequence(self, path):
        """Write one feature a line, each with all corners."""
        head = {**self.document(), "CityObjects": {}, "vertices": []}
        lines = [head] + [
            {"type": "CityJSONFeature", "id": name, "CityObjects": {name: item}, "vertices": self.corners}
            for name, item in self.objects.items()
        ]
        path.write_text("\n".join(json.dumps(line) for line in lines) + "\n", encoding="utf-8")
        return path


def floor_of(x, y, width, depth, z=0.0):
    return ("Ground", [(x, y, z), (x, y + depth, z), (x + width, y + depth, z), (x + width, y, z)])


def walls_of(x, y, width, depth, top, z=0.0):
    corners = [(x, y), (x + width, y), (x + width, y + depth), (x, y + depth)]
    pairs = zip(corners, corners[1:] + corners[:1], strict=True)
    return [("Wall", [(*a, z), (*b, z), (*b, top), (*a, top)]) for a, b in pairs]


def box(x, y, width, depth, top, z=0.0):
    """Return a flat-roofed box."""
    roof = ("Roof", [(x, y, top), (x + width, y, top), (x + width, y + depth, top), (x, y + depth, top)])
    return [floor_of(x, y, width, depth, z), *walls_of(x, y, width, depth, top, z), roof]


def gabled(x, y, width, depth, eaves, ridge):
    """Return a house whose ridge runs east to west in the middle of its depth."""
    middle = y + depth / 2
    south = ("Roof", [(x, y, eaves), (x + width, y, eaves), (x + width, middle, ridge), (x, middle, ridge)])
    north = (
        "Roof",
        [
            (x + width, y + depth, eaves),
            (x, y + depth, eaves),
            (x, middle, ridge),
            (x + width, middle, ridge),
        ],
    )
    ends = [
        ("Wall", [(x, y, eaves), (x, middle, ridge), (x, y + depth, eaves)]),
        ("Wall", [(x + width, y + depth, eaves), (x + width, middle, ridge), (x + width, y, eaves)]),
    ]
    return [floor_of(x, y, width, depth), *walls_of(x, y, width, depth, eaves), south, north, *ends]


def hipped(x, y, width, depth, eaves, ridge, inset):
    """Return a house with four sloping faces; an inset of half the width makes a pyramid."""
    middle, west, east = y + depth / 2, x + inset, x + width - inset
    faces = [
        [(x, y, eaves), (x + width, y, eaves), (east, middle, ridge), (west, middle, ridge)],
        [(x + width, y + depth, eaves), (x, y + depth, eaves), (west, middle, ridge), (east, middle, ridge)],
        [(x, y + depth, eaves), (x, y, eaves), (west, middle, ridge)],
        [(x + width, y, eaves), (x + width, y + depth, eaves), (east, middle, ridge)],
    ]
    return [
        floor_of(x, y, width, depth),
        *walls_of(x, y, width, depth, eaves),
        *(("Roof", face) for face in faces),
    ]


def skillion(x, y, width, depth, low, high):
    """Return a house whose roof falls to the west."""
    roof = ("Roof", [(x, y, low), (x + width, y, high), (x + width, y + depth, high), (x, y + depth, low)])
    return [floor_of(x, y, width, depth), *walls_of(x, y, width, depth, low), roof]
