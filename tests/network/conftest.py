"""Public services, recorded: one server on this machine's own address says what each of them said."""

import gzip
import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pvlib
import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
KOTKA = (26.951, 60.531)
# the minute for which a satellite's irradiances stand, as the header of the file says it
STAMP_H = 0.1761


@cache
def overpass_answer():
    return gzip.decompress((HERE / "recorded" / "overpass_karhula.osm.gz").read_bytes())


def gazetteer_answer(name="Kotka", place=KOTKA, **changes):
    """What Nominatim says: an outline around the place, after a namesake far away."""
    longitude, latitude = place
    west, east, south, north = longitude - 0.05, longitude + 0.05, latitude - 0.03, latitude + 0.03
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    town = {
        "osm_type": "relation", "osm_id": 38042, "lat": str(latitude), "lon": str(longitude),
        "category": "boundary", "type": "administrative", "addresstype": "municipality",
        "display_name": f"{name}, somewhere", "boundingbox": [str(n) for n in (south, north, west, east)],
        "geojson": {"type": "Polygon", "coordinates": [ring]}, **changes,
    }  # fmt: skip
    point = {
        **town, "osm_type": "node", "osm_id": 7, "type": "bay", "category": "natural", "addresstype": "bay",
        "geojson": {"type": "Point", "coordinates": [longitude, latitude]},
    }  # fmt: skip
    return json.dumps([point, town]).encode()


@cache
def typical_year(longitude=26.951, latitude=60.531, stamp_h=STAMP_H):
    """A year as PVGIS writes it: half clear, half cloudy days, light at the satellite's minute."""
    hours = pd.date_range("2019-01-01", periods=8760, freq="h", tz="UTC")
    seen = hours + pd.Timedelta(hours=stamp_h)
    sun = pvlib.solarposition.get_solarposition(seen, latitude, longitude)
    height = np.clip(np.cos(np.radians(sun["apparent_zenith"].to_numpy())), 0.0, None)
    day = np.arange(8760) // 24
    dni = np.where(height > 0.02, np.where(day % 2 == 0, 700.0, 120.0), 0.0).round(2)
    dhi = (np.where(height > 0.02, 40.0 + 120.0 * height, 0.0)).round(2)
    ghi = (dhi + dni * height).round(2)
    warmth = (5.0 - 12.0 * np.cos(2 * np.pi * (day - 20) / 365)).round(2)
    year = np.where(hours.month <= 6, 2008, 2017)
    lines = [
        f"Latitude (decimal degrees): {latitude:.3f}", f"Longitude (decimal degrees): {longitude:.3f}",
        "Elevation (m): 12.0", f"Irradiance Time Offset (h): {stamp_h}", "month,year",
        *(f"{month},{2008 if month <= 6 else 2017}" for month in range(1, 13)),
        "time(UTC),T2m,RH,G(h),Gb(n),Gd(h),IR(h),WS10m,WD10m,SP",
        *(
            f"{y}{hour:%m%d:%H%M},{t},80.0,{g},{b},{d},300.0,3.0,200.0,101300.0"
            for y, hour, t, g, b, d in zip(year, hours, warmth, ghi, dni, dhi, strict=True)
        ),
        "", "T2m: 2-m air temperature (degree Celsius)", "", "PVGIS (c) European Union, 2001-2025", "",
    ]  # fmt: skip
    return "\r\n".join(lines).encode()


@dataclass
class Answer:
    """One recorded answer; `promised` is a Content-Length that may be longer than the body."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None
    hold: bool = False


class Services:
    """The recorded server: what it will say, and what it was asked."""

    def __init__(self):
        self.asked = []
        self.script = {}
        self.let_go = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def say(self, service, *answers):
        """Let a service give these answers, the last one for ever."""
        self.script[service] = [one if isinstance(one, Answer) else Answer(one) for one in answers]

    def count(self, service):
        return sum(path == service for path, _, _ in self.asked)

    def _handler(services):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def reply(self, form=b""):
                parts = urlsplit(self.path)
                service = parts.path.strip("/")
                fields = {key: texts[0] for key, texts in parse_qs(form.decode() or parts.query).items()}
                services.asked.append((service, fields, dict(self.headers)))
                answers = services.script[service]
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if answer.hold:
                    services.let_go.wait(30)
                    return
                self.send_response(answer.status)
                for name, text in answer.headers.items():
                    self.send_header(name, text)
                length = len(answer.body) if answer.promised is None else answer.promised
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(answer.body)

            def do_GET(self):
                self.reply()

            def do_POST(self):
                self.reply(self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *words):
                pass

        return Handler

    def close(self):
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()

    def environment(self, cache_folder):
        return {
            "PLANNER_CACHE": str(cache_folder),
            "PLANNER_NOMINATIM_URL": self.url,
            "PLANNER_OVERPASS_URL": f"{self.url}/overpass",
            "PLANNER_PVGIS_URL": self.url,
            "PLANNER_NETWORK_TIMEOUT": "20",
            "NO_PROXY": "127.0.0.1",
        }


@pytest.fixture
def services(tmp_path, monkeypatch):
    """Recorded services that work, and a cache of the test's own."""
    server = Services()
    server.say("search", gazetteer_answer())
    server.say("overpass", overpass_answer())
    server.say("tmy", typical_year())
    for name, text in server.environment(tmp_path / "cache").items():
        monkeypatch.setenv(name, text)
    yield server
    server.close()


# Every socket that is opened ends the program. One library makes a socket while it is imported, to see
# whether the machine has IPv6, and lets it go; only a run that loads that library may make one.
NO_CONNECTION = """
import socket, sys
def refuse(*args, **kwargs):
    raise SystemExit("a socket was opened")
for name in ("connect", "connect_ex", "sendto", "sendmsg"):
    setattr(socket.socket, name, refuse)
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refuse
"""
NO_SOCKET = NO_CONNECTION + "socket.socket.__init__ = refuse\n"
START = """
import sys
from planner.cli import main
sys.argv[0] = "planner"
main()
"""


@pytest.fixture
def planner(tmp_path):
    """Run the program as a person does; `guard` says what of the network fails."""
    place = tmp_path / "desk"
    place.mkdir()

    def run(*words, code=0, guard=""):
        done = subprocess.run(
            [sys.executable, "-c", guard + START, *map(str, words)],
            cwd=place, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr[-4000:]}"
        assert "a socket was opened" not in done.stderr
        assert "Traceback" not in done.stderr
        return done

    run.place = place
    return run
