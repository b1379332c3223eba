/* Read the compact container (see docs/methods/map.md) and find features by place. */
"use strict";
(function () {
  function fromBase64(text) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    const binary = atob(text), bytes = new Uint8Array(binary.length);
    for (let place = 0; place < binary.length; place += 1) bytes[place] = binary.charCodeAt(place);
    return bytes;
  }

  /* A section of variable-length whole numbers. */
  class Section {
    constructor(bytes) {
      this.bytes = bytes;
      this.at = 0;
    }
    next() {
      let byte = this.bytes[this.at++];
      if (byte < 128) return byte;
      let value = byte & 127, shift = 7;
      do {
        byte = this.bytes[this.at++];
        // bit operations end at 31 bits; larger numbers are put together by multiplication
        value = shift < 28 ? value | ((byte & 127) << shift) : value + (byte & 127) * 2 ** shift;
        shift += 7;
      } while (byte > 127);
      return value;
    }
    nextSigned() {
      const value = this.next();
      return value % 2 ? -(value + 1) / 2 : value / 2;
    }
    numbers(count) {
      const values = new Float64Array(count);
      for (let place = 0; place < count; place += 1) values[place] = this.next();
      return values;
    }
  }

  /* A column: numbers are NaN where there is no value, texts null. */
  class Column {
    constructor(head, count, take) {
      this.name = head.name;
      this.type = head.type;
      const codes = new Section(take()).numbers(count);
      if (head.type === "number") {
        const power = 10 ** Math.abs(head.decimals);
        for (let row = 0; row < count; row += 1) {
          const whole = codes[row] - 1 + head.lowest;
          codes[row] = codes[row] === 0 ? NaN : head.decimals >= 0 ? whole / power : whole * power;
        }
        this.numbers = codes;
      } else {
        this.values = head.values;
        this.codes = Uint32Array.from(codes);
        if (head.type === "numbered") this.tails = new Section(take()).numbers(count);
      }
    }
    get(row) {
      if (this.type === "number") return this.numbers[row];
      if (this.codes[row] === 0) return null;
      const text = this.values[this.codes[row] - 1];
      return this.tails && this.tails[row] > 0 ? text + (this.tails[row] - 1) : text;
    }
  }

  class Layer {
    constructor(bytes) {
      const magic = String.fromCharCode(...bytes.subarray(0, 4));
      if (magic !== "PLC1") throw new Error("not a container");
      const headBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
      const head = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headBytes)));
      let at = 8 + headBytes, section = 0;
      const take = () => bytes.subarray(at, (at += head.bytes[section++]));
      this.kind = head.kind;
      this.count = head.count;
      this.zoom = head.zoom;
      this.origin = head.origin;
      this.readGeometry(head, take);
      this.columns = {};
      for (const column of head.columns) this.columns[column.name] = new Column(column, head.count, take);
      if (at !== bytes.length) throw new Error("the container has another length than it says");
      this.makeGrid();
    }

    /* Vertices lie in x and y; ring r has the vertices ringStart[r] … ringStart[r + 1] - 1,
     * feature f the rings featureRing[f] … featureRing[f + 1] - 1. */
    readGeometry(head, take) {
      const parts = new Section(take()), rings = new Section(take());
      const sizes = new Section(take()), steps = new Section(take());
      this.x = new Int32Array(head.vertices);
      this.y = new Int32Array(head.vertices);
      this.ringStart = new Uint32Array(head.rings + 1);
      this.featureRing = new Uint32Array(this.count + 1);
      this.bounds = new Float64Array(this.count * 4); // west, north, east, south in pixels
      let vertex = 0, ring = 0, startX = 0, startY = 0;
      for (let feature = 0; feature < this.count; feature += 1) {
        let west = Infinity, north = Infinity, east = -Infinity, south = -Infinity;
        for (let part = parts.next(); part > 0; part -= 1) {
          for (let left = rings.next(); left > 0; left -= 1) {
            let x = startX, y = startY;
            for (let size = sizes.next(), place = 0; place < size; place += 1, vertex += 1) {
              x += steps.nextSigned();
              y += steps.nextSigned();
              if (place === 0) { startX = x; startY = y; }
              this.x[vertex] = x;
              this.y[vertex] = y;
              if (x < west) west = x;
              if (x > east) east = x;
              if (y < north) north = y;
              if (y > south) south = y;
            }
            ring += 1;
            this.ringStart[ring] = vertex;
          }
        }
        this.featureRing[feature + 1] = ring;
        this.bounds.set([west, north, east, south], feature * 4);
      }
    }

    /* Cells of equal size; each lists the features whose bounds touch it. */
    makeGrid() {
      let width = 1, height = 1;
      for (let vertex = 0; vertex < this.x.length; vertex += 1) {
        if (this.x[vertex] > width) width = this.x[vertex];
        if (this.y[vertex] > height) height = this.y[vertex];
      }
      const cell = Math.max(64, Math.sqrt((width * height * 8) / Math.max(1, this.count)), width / 512, height / 512);
      const across = Math.floor(width / cell) + 1, down = Math.floor(height / cell) + 1;
      this.grid = { cell, across, down, start: new Uint32Array(across * down + 1) };
      const { start } = this.grid;
      for (let feature = 0; feature < this.count; feature += 1) {
        this.eachCell(this.bounds, feature * 4, (index) => { start[index + 1] += 1; });
      }
      for (let index = 0; index < across * down; index += 1) start[index + 1] += start[index];
      this.grid.items = new Uint32Array(start[across * down]);
      const next = start.slice();
      for (let feature = 0; feature < this.count; feature += 1) {
        this.eachCell(this.bounds, feature * 4, (index) => { this.grid.items[next[index]++] = feature; });
      }
      this.seen = new Uint32Array(this.count);
      this.query = 0;
    }
    eachCell(box, at, visit) {
      const { cell, across, down } = this.grid;
      const first = Math.max(0, Math.floor(box[at] / cell)), last = Math.min(across - 1, Math.floor(box[at + 2] / cell));
      const top = Math.max(0, Math.floor(box[at + 1] / cell));
      const bottom = Math.min(down - 1, Math.floor(box[at + 3] / cell));
      for (let row = top; row <= bottom; row += 1) {
        for (let column = first; column <= last; column += 1) visit(row * across + column);
      }
    }
    /* Visit each feature whose bounds touch a box of pixels, in the order of the file. */
    within(west, north, east, south, visit) {
      const box = [west, north, east, south], found = [], { bounds } = this;
      this.query += 1;
      this.eachCell(box, 0, (index) => {
        for (let item = this.grid.start[index]; item < this.grid.start[index + 1]; item += 1) {
          const feature = this.grid.items[item], at = feature * 4;
          if (this.seen[feature] === this.query) continue;
          this.seen[feature] = this.query;
          if (bounds[at] <= east && bounds[at + 2] >= west && bounds[at + 1] <= south && bounds[at + 3] >= north) {
            found.push(feature);
          }
        }
      });
      found.sort((one, other) => one - other).forEach(visit);
    }

    /* Say whether a point lies in a polygon: an odd number of edges to its left. */
    contains(feature, x, y) {
      let inside = false;
      for (let ring = this.featureRing[feature]; ring < this.featureRing[feature + 1]; ring += 1) {
        const start = this.ringStart[ring], end = this.ringStart[ring + 1];
        for (let here = start, before = end - 1; here < end; before = here++) {
          const crosses = (this.y[here] > y) !== (this.y[before] > y);
          if (crosses && x < ((this.x[before] - this.x[here]) * (y - this.y[here])) / (this.y[before] - this.y[here])
            + this.x[here]) inside = !inside;
        }
      }
      return inside;
    }
    /* Return the distance in pixels from a point to the nearest segment of a line. */
    distance(feature, x, y) {
      let nearest = Infinity;
      for (let ring = this.featureRing[feature]; ring < this.featureRing[feature + 1]; ring += 1) {
        for (let vertex = this.ringStart[ring]; vertex + 1 < this.ringStart[ring + 1]; vertex += 1) {
          const dx = this.x[vertex + 1] - this.x[vertex], dy = this.y[vertex + 1] - this.y[vertex];
          const along = ((x - this.x[vertex]) * dx + (y - this.y[vertex]) * dy) / (dx * dx + dy * dy || 1);
          const share = Math.min(1, Math.max(0, along));
          const away = Math.hypot(x - this.x[vertex] - share * dx, y - this.y[vertex] - share * dy);
          if (away < nearest) nearest = away;
        }
      }
      return nearest;
    }
    /* Return the feature at a place, or -1. */
    find(x, y, reach) {
      let best = -1, nearest = reach;
      this.within(x - reach, y - reach, x + reach, y + reach, (feature) => {
        if (this.kind === "polygon") {
          if (best < 0 && this.contains(feature, x, y)) best = feature;
        } else {
          const away = this.distance(feature, x, y);
          if (away <= nearest) { best = feature; nearest = away; }
        }
      });
      return best;
    }

    get(name, feature) {
      return name in this.columns ? this.columns[name].get(feature) : null;
    }
    latLng(x, y) {
      return L.CRS.EPSG3857.pointToLatLng(L.point(x + this.origin[0], y + this.origin[1]), this.zoom);
    }
    place(latLng) {
      const point = L.CRS.EPSG3857.latLngToPoint(latLng, this.zoom);
      return [point.x - this.origin[0], point.y - this.origin[1]];
    }
    centre(feature) {
      const at = feature * 4;
      return this.latLng((this.bounds[at] + this.bounds[at + 2]) / 2, (this.bounds[at + 1] + this.bounds[at + 3]) / 2);
    }
    extent(feature) {
      const at = feature * 4;
      return L.latLngBounds(this.latLng(this.bounds[at], this.bounds[at + 3]),
        this.latLng(this.bounds[at + 2], this.bounds[at + 1]));
    }
    /* Return the rings of a feature as places on the map. */
    outline(feature) {
      const rings = [];
      for (let ring = this.featureRing[feature]; ring < this.featureRing[feature + 1]; ring += 1) {
        const places = [];
        for (let vertex = this.ringStart[ring]; vertex < this.ringStart[ring + 1]; vertex += 1) {
          places.push(this.latLng(this.x[vertex], this.y[vertex]));
        }
        rings.push(places);
      }
      return rings;
    }
  }
  planner.Layer = Layer;

  /* Read the container from a data block of the page and free the block. */
  planner.readLayer = async function (elementId) {
    const element = document.getElementById(elementId);
    const packed = fromBase64(element.textContent.trim());
    element.remove();
    return new Layer(await planner.gunzip(packed));
  };
})();
