/* Canvas tiles: Leaflet layers that draw containers, a few milliseconds a frame. */
"use strict";
(function () {
  const FRAME_MS = 8; // drawing time a frame; the rest belongs to panning and zooming
  const SMALL_PX = 3; // features smaller than this are drawn as rectangles
  const queue = [];
  let frame = 0;

  function drawFor(milliseconds) {
    const start = performance.now();
    while (queue.length && performance.now() - start < milliseconds) {
      const { layer, coords, tile, done } = queue.shift();
      if (layer._map && tile.isConnected !== undefined) layer.drawTile(coords, tile);
      if (done) done(null, tile);
    }
  }
  function next() {
    drawFor(FRAME_MS);
    frame = queue.length ? requestAnimationFrame(next) : 0;
  }
  function enqueue(job) {
    queue.push(job);
    if (!frame) frame = requestAnimationFrame(next);
  }
  /* Draw everything that waits, at once: before printing and in tests. */
  planner.drawAll = () => drawFor(Infinity);
  planner.isDrawing = () => queue.length > 0;

  planner.CanvasLayer = L.GridLayer.extend({
    options: { tileSize: 256, updateWhenZooming: false, updateWhenIdle: false, keepBuffer: 1, minZoom: 8, maxZoom: 20 },
    /* `paint(context, view, containers, style)` draws one tile. */
    initialize(names, paint, options) {
      L.setOptions(this, options);
      this.names = names;
      this.paint = paint;
      this.containers = null;
      this.style = {};
    },
    onAdd(map) {
      if (!map.getPane(this.options.pane)) map.createPane(this.options.pane).style.zIndex = this.options.level;
      return L.GridLayer.prototype.onAdd.call(this, map);
    },
    createTile(coords, done) {
      const tile = document.createElement("canvas");
      tile.setAttribute("aria-hidden", "true");
      enqueue({ layer: this, coords, tile, done });
      return tile;
    },
    /* Draw the tiles on the screen again, in place. */
    restyle(style) {
      if (style) this.style = style;
      for (const key in this._tiles || {}) {
        enqueue({ layer: this, coords: this._tiles[key].coords, tile: this._tiles[key].el, done: null });
      }
    },
    drawTile(coords, tile) {
      const ratio = Math.min(2, window.devicePixelRatio || 1), size = this.getTileSize();
      tile.width = size.x * ratio; // setting the width also wipes the canvas
      tile.height = size.y * ratio;
      if (!this.containers) return;
      const context = tile.getContext("2d");
      for (const container of this.containers) {
        this.paint(context, new View(container, coords, size, ratio), container, this.style);
      }
    },
  });

  /* How the pixels of a container fall on a tile. */
  class View {
    constructor(container, coords, size, ratio) {
      this.zoom = coords.z;
      this.ratio = ratio;
      this.scale = 2 ** (coords.z - container.zoom) * ratio;
      this.dx = container.origin[0] * this.scale - coords.x * size.x * ratio;
      this.dy = container.origin[1] * this.scale - coords.y * size.y * ratio;
      const margin = 16 * ratio; // wide lines reach into the neighbouring tile
      this.box = [(-margin - this.dx) / this.scale, (-margin - this.dy) / this.scale,
        (size.x * ratio + margin - this.dx) / this.scale, (size.y * ratio + margin - this.dy) / this.scale];
    }
    each(container, visit) {
      container.within(...this.box, visit);
    }
    /* Add the rings or lines of a feature to a path. */
    trace(path, container, feature) {
      const { scale, dx, dy } = this, { x, y, bounds } = container, at = feature * 4;
      const isArea = container.kind === "polygon";
      const width = (bounds[at + 2] - bounds[at]) * scale, height = (bounds[at + 3] - bounds[at + 1]) * scale;
      if (isArea && width < SMALL_PX && height < SMALL_PX) {
        path.rect(bounds[at] * scale + dx, bounds[at + 1] * scale + dy, Math.max(1, width), Math.max(1, height));
        return;
      }
      for (let ring = container.featureRing[feature]; ring < container.featureRing[feature + 1]; ring += 1) {
        let vertex = container.ringStart[ring];
        const end = container.ringStart[ring + 1];
        path.moveTo(x[vertex] * scale + dx, y[vertex] * scale + dy);
        while (++vertex < end) path.lineTo(x[vertex] * scale + dx, y[vertex] * scale + dy);
        if (isArea) path.closePath();
      }
    }
    /* Return one path for each group of features; `groupOf` gives the number of the group. */
    paths(container, count, groupOf) {
      const paths = Array.from({ length: count }, () => new Path2D());
      this.each(container, (feature) => this.trace(paths[groupOf(feature)], container, feature));
      return paths;
    }
    /* Width that grows with the zoom, slower than the ground does. */
    px(width, growth) {
      return width * Math.min(3.2, Math.max(0.35, growth ** (this.zoom - 16))) * this.ratio;
    }
  }

  const neutral = () => ({ groups: [], missing: null, groupOf: null });
  planner.colourOf = (style, group) => style.groups[group] ?? style.missing;

  /* Filled polygons in the colours of a theme, or in one quiet colour. */
  function paintAreas({ quiet, edge, edgeFrom, alpha, quietEdge }) {
    return function (context, view, container, style) {
      const { groupOf, groups, missing } = style.groupOf ? style : neutral();
      const paths = view.paths(container, groups.length + 1, groupOf || (() => 0));
      context.lineWidth = view.px(0.6, 1.25);
      paths.forEach((path, group) => {
        const isThemed = groupOf && group < groups.length;
        const fill = groupOf ? (isThemed ? groups[group] : missing) : quiet;
        if (fill) {
          context.globalAlpha = groupOf ? alpha : style.faint ?? 1;
          context.fillStyle = fill;
          context.fill(path);
        }
        context.globalAlpha = 1;
        if (view.zoom >= edgeFrom) {
          context.strokeStyle = isThemed ? edge : quietEdge;
          context.stroke(path);
        }
      });
    };
  }

  function paintDistricts(context, view, container, style) {
    if (style.groupOf) {
      paintAreas({ alpha: 0.64, edgeFrom: 99 })(context, view, container, style);
    }
    const [outline] = view.paths(container, 1, () => 0);
    context.lineJoin = "round";
    if (view.zoom >= 13) {
      context.strokeStyle = "rgba(255,255,255,.75)";
      context.lineWidth = 3.4 * view.ratio;
      context.stroke(outline);
    }
    context.strokeStyle = style.groupOf ? "#33302c" : "#7a746b";
    context.lineWidth = (view.zoom >= 13 ? 1.1 : 0.5) * view.ratio;
    context.setLineDash(style.groupOf ? [] : [5 * view.ratio, 4 * view.ratio]);
    context.stroke(outline);
    context.setLineDash([]);
  }

  function paintStreets(context, view, container, style) {
    if (!style.groupOf) return;
    const paths = view.paths(container, style.groups.length + 1, style.groupOf);
    context.lineCap = "round";
    context.lineJoin = "round";
    paths.forEach((path, group) => {
      const colour = planner.colourOf(style, group);
      if (!colour) return;
      const width = view.px(group < style.widths.length ? style.widths[group] : 1.2, 1.35);
      if (group < style.groups.length) {
        context.strokeStyle = "rgba(255,255,255,.9)";
        context.lineWidth = width + 1.6 * view.ratio;
        context.stroke(path);
      }
      context.strokeStyle = colour;
      context.lineWidth = width;
      context.stroke(path);
    });
  }

  const layer = (paint, pane, level) => (names) => new planner.CanvasLayer(names, paint, { pane, level });
  planner.layers = {
    cells: layer(paintAreas({ alpha: 0.8, quiet: "rgba(120,110,100,.08)", edge: "rgba(255,255,255,.6)",
      quietEdge: "rgba(255,255,255,.5)", edgeFrom: 13 }), "cells", 220),
    districts: layer(paintDistricts, "districts", 230),
    buildings: layer(paintAreas({ alpha: 1, quiet: "#cfc9bf", edge: "rgba(40,30,25,.55)",
      quietEdge: "rgba(90,84,76,.5)", edgeFrom: 15 }), "buildings", 240),
    streets: layer(paintStreets, "streets", 250),
  };
})();
