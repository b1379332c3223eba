/* The drawn ground: water, green, squares, rail and streets, quiet enough to stay behind the themes. */
"use strict";
(function () {
  const AREAS = { green: "#dfe8d5", square: "#ebe6db", water: "#c4d9e6" };
  const LINES = { water: ["#c4d9e6", 3], river: ["#c4d9e6", 3], rail: ["#a9a49b", 1.1] };
  const OTHER_AREA = "#ece8df";
  // widths of streets at zoom 16 in pixels: main, ordinary, paths
  const MAIN = new Set(["motorway", "trunk", "primary", "secondary", "motorway_link", "trunk_link", "primary_link",
    "secondary_link"]);
  const PATHS = new Set(["footway", "path", "cycleway", "steps", "pedestrian", "track", "service", "corridor",
    "bridleway", "trail"]);
  const WIDTHS = [7, 4.6, 1.7];
  const CASING = "#d4cec3", STREET = "#ffffff", PATH = "#e2dcd0";

  const kinds = (container) => (container.columns.kind ? container.columns.kind.values : []);
  const kindOf = (container) => (feature) => container.columns.kind ? container.columns.kind.codes[feature] : 0;

  function paintAreas(context, view, container) {
    const names = ["", ...kinds(container)];
    view.paths(container, names.length, kindOf(container)).forEach((path, code) => {
      context.fillStyle = AREAS[names[code]] || OTHER_AREA;
      context.fill(path);
    });
  }
  function paintLines(context, view, container) {
    const names = ["", ...kinds(container)];
    view.paths(container, names.length, kindOf(container)).forEach((path, code) => {
      if (!LINES[names[code]]) return;
      const [colour, width] = LINES[names[code]];
      context.strokeStyle = colour;
      context.lineWidth = view.px(width, 1.3);
      context.setLineDash(names[code] === "rail" ? [6 * view.ratio, 3 * view.ratio] : []);
      context.stroke(path);
      context.setLineDash([]);
    });
  }
  function paintRoads(context, view, container) {
    const column = container.columns.kind;
    const classes = column ? column.values.map((kind) => (MAIN.has(kind) ? 0 : PATHS.has(kind) ? 2 : 1)) : [];
    const classOf = (feature) => (column && column.codes[feature] ? classes[column.codes[feature] - 1] : 1);
    const paths = view.paths(container, WIDTHS.length, classOf);
    context.lineCap = "round";
    context.lineJoin = "round";
    const stroke = (group, colour, extra) => {
      context.strokeStyle = colour;
      context.lineWidth = view.px(WIDTHS[group], 1.55) + extra * view.ratio;
      context.stroke(paths[group]);
    };
    if (view.zoom >= 15) stroke(2, PATH, 0);
    if (view.zoom >= 13) { stroke(1, CASING, 1.3); }
    stroke(0, CASING, 1.6);
    if (view.zoom >= 13) stroke(1, STREET, 0);
    stroke(0, STREET, 0);
  }

  const painters = { areas: paintAreas, lines: paintLines, streets: paintRoads };
  planner.layers.ground = (names) => new planner.CanvasLayer(names, function (context, view, container) {
    painters[container.name](context, view, container);
  }, { pane: "ground", level: 210 });
})();
