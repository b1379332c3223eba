/* Names on the map: districts, places, streets along their lines, buildings. No two overlap. */
"use strict";
(function () {
  const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
  const MOST_LETTERS = 48;
  // many districts are named when they are large enough on the screen, few of them always
  const DISTRICTS_FROM = 13, FEW_DISTRICTS = 15;
  const STREETS_FROM = 16, BUILDINGS_FROM = 17, PLACES_FROM = 12, APART_PX = 260;
  const LEAST_DISTRICT_PX = 130; // diagonal of a district that carries its name
  const ROOM_PX = 5; // around a name
  const CONTROLS = [0, 0, 58, 138]; // zoom and layers, in the corner

  const LabelLayer = L.Layer.extend({
    options: { pane: "labels", level: 260 },
    onAdd(map) {
      if (!map.getPane("labels")) {
        const pane = map.createPane("labels");
        pane.style.zIndex = this.options.level;
        pane.style.pointerEvents = "none";
      }
      map.on("moveend zoomend resize viewreset", this.draw, this);
      this.draw();
    },
    onRemove(map) {
      map.off("moveend zoomend resize viewreset", this.draw, this);
      if (this.canvas) this.canvas.remove();
      this.canvas = null;
    },
    restyle() {
      if (this._map) this.draw();
    },
    draw() {
      if (!this.source) return;
      const map = this._map, size = map.getSize(), ratio = Math.min(2, window.devicePixelRatio || 1);
      // a new canvas each time: one that was wiped is printed as a white sheet
      if (this.canvas) this.canvas.remove();
      this.canvas = L.DomUtil.create("canvas", "leaflet-zoom-hide", map.getPane("labels"));
      this.canvas.setAttribute("aria-hidden", "true");
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
      this.canvas.width = size.x * ratio;
      this.canvas.height = size.y * ratio;
      this.canvas.style.width = size.x + "px";
      this.canvas.style.height = size.y + "px";
      this.context = this.canvas.getContext("2d");
      this.context.scale(ratio, ratio);
      this.size = size;
      this.boxes = [CONTROLS];
      const zoom = map.getZoom();
      const written = zoom >= DISTRICTS_FROM || this.source.districts.length <= FEW_DISTRICTS ? this.districts() : [];
      if (zoom >= PLACES_FROM) {
        for (const label of this.source.places) {
          // a district that is called after the place says its name already
          if (written.some((name) => name.includes(label.name))) continue;
          this.point(label.name, map.latLngToContainerPoint(label.place), "500 12px " + FONT, "#59524a", 120);
        }
      }
      if (zoom >= STREETS_FROM) this.streets(size);
      if (zoom >= BUILDINGS_FROM) this.buildings(size);
    },
    /* Name the districts that are large enough on the screen to carry their name; return those names. */
    districts() {
      const map = this._map, written = [];
      this.source.districts.forEach((district) => {
        const row = planner.districtFeature.get(district.id);
        if (row === undefined) return;
        const extent = this.source.districtShapes.extent(row);
        const one = map.latLngToContainerPoint(extent.getNorthWest()), other = map.latLngToContainerPoint(extent.getSouthEast());
        if (Math.hypot(other.x - one.x, other.y - one.y) < LEAST_DISTRICT_PX) return;
        if (this.point(district.name, map.latLngToContainerPoint(district.place), "600 13px " + FONT, "#26221d", 140)) {
          written.push(district.name);
        }
      });
      return written;
    },
    /* Break a name into lines of a width. */
    lines(text, width) {
      const lines = [];
      let line = "";
      for (const word of text.split(" ")) {
        const longer = line ? line + " " + word : word;
        if (line && this.context.measureText(longer).width > width) { lines.push(line); line = word; } else line = longer;
      }
      lines.push(line);
      return lines.slice(0, 3);
    },
    isFree(box) {
      return !this.boxes.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]);
    },
    write(text, x, y, colour) {
      this.context.lineJoin = "round";
      this.context.lineWidth = 3.5;
      this.context.strokeStyle = "rgba(255,255,255,.92)";
      this.context.strokeText(text, x, y);
      this.context.fillStyle = colour;
      this.context.fillText(text, x, y);
    },
    point(text, at, font, colour, width) {
      const { context } = this;
      if (text.length > MOST_LETTERS) text = text.slice(0, MOST_LETTERS - 1) + "…";
      context.font = font;
      context.textAlign = "center";
      context.textBaseline = "middle";
      const lines = this.lines(text, width), height = 16 * lines.length;
      const half = Math.max(...lines.map((line) => context.measureText(line).width)) / 2 + ROOM_PX;
      const box = [at.x - half, at.y - height / 2 - ROOM_PX, at.x + half, at.y + height / 2 + ROOM_PX];
      if (box[0] < 0 || box[1] < 0 || box[2] > this.size.x || box[3] > this.size.y || !this.isFree(box)) return false;
      this.boxes.push(box);
      lines.forEach((line, row) => this.write(line, at.x, at.y - height / 2 + 8 + row * 16, colour));
      return true;
    },
    viewBox(container, size) {
      const [west, north] = container.place(this._map.containerPointToLatLng([0, 0]));
      const [east, south] = container.place(this._map.containerPointToLatLng([size.x, size.y]));
      return { box: [west, north, east, south], scale: size.x / (east - west) };
    },
    /* Write a street's name along its longest straight piece; once in a neighbourhood. */
    streets(size) {
      const container = this.source.streets, { box, scale } = this.viewBox(container, size), written = {};
      if (!container.columns.name) return;
      const { context } = this;
      context.font = "500 11px " + FONT;
      container.within(...box, (feature) => {
        const name = container.get("name", feature);
        if (!name || name.length > MOST_LETTERS) return;
        let longest = 0, from = null, to = null;
        for (let vertex = container.ringStart[container.featureRing[feature]];
          vertex + 1 < container.ringStart[container.featureRing[feature + 1]]; vertex += 1) {
          const one = [(container.x[vertex] - box[0]) * scale, (container.y[vertex] - box[1]) * scale];
          const other = [(container.x[vertex + 1] - box[0]) * scale, (container.y[vertex + 1] - box[1]) * scale];
          const length = Math.hypot(other[0] - one[0], other[1] - one[1]);
          if (length > longest) { longest = length; from = one; to = other; }
        }
        const width = context.measureText(name).width;
        if (!from || width > longest * 1.1) return;
        const x = (from[0] + to[0]) / 2, y = (from[1] + to[1]) / 2;
        if ((written[name] || []).some((place) => Math.hypot(place[0] - x, place[1] - y) < APART_PX)) return;
        let angle = Math.atan2(to[1] - from[1], to[0] - from[0]);
        if (Math.abs(angle) > Math.PI / 2) angle += Math.PI;
        const reachX = Math.abs(Math.cos(angle)) * width / 2 + 7, reachY = Math.abs(Math.sin(angle)) * width / 2 + 7;
        const around = [x - reachX, y - reachY, x + reachX, y + reachY];
        if (!this.isFree(around)) return;
        this.boxes.push(around);
        (written[name] ||= []).push([x, y]);
        context.save();
        context.translate(x, y);
        context.rotate(angle);
        context.textAlign = "center";
        context.textBaseline = "middle";
        this.write(name, 0, 0, "#4b453d");
        context.restore();
      });
    },
    buildings(size) {
      const container = this.source.buildings, { box } = this.viewBox(container, size);
      if (!container.columns.name) return;
      container.within(...box, (feature) => {
        const name = container.get("name", feature);
        if (name) {
          this.point(name, this._map.latLngToContainerPoint(container.centre(feature)), "500 11px " + FONT, "#26221d", 110);
        }
      });
    },
  });
  planner.layers.labels = () => new LabelLayer();
})();
