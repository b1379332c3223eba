/* Load the containers, build the page around the map, and listen. */
"use strict";
(function () {
  const { el, say } = planner;
  const PICK_PX = 7; // reach of a click beside a street

  async function load(canvas) {
    const names = new Set(["areas", "lines", "streets", "districts", "cells", "buildings"]);
    planner.data = {};
    await Promise.all([...names].map(async (name) => {
      const layer = await planner.readLayer("planner-" + name);
      layer.name = name;
      planner.data[name] = layer;
    }));
    for (const [name, layer] of Object.entries(canvas)) {
      if (name === "labels") {
        layer.source = { ...planner.data, districtShapes: planner.data.districts, districts: planner.page.districts,
          places: planner.page.places };
      } else layer.containers = layer.names.map((each) => planner.data[each]);
    }
  }

  /* Everything that the map shows lies in the table of its theme or in the buildings. */
  function pick(latLng) {
    const { map, canvas, data, state } = planner;
    const reach = (layer) => PICK_PX * 2 ** (layer.zoom - map.getZoom());
    const order = { streets: ["streets", "buildings", "districts"], cells: ["cells", "districts"],
      districts: ["districts"], buildings: ["buildings", "districts"] }[state.theme.table];
    for (const name of order) {
      if (!map.hasLayer(canvas[name])) continue;
      const found = data[name].find(...data[name].place(latLng), data[name].kind === "line" ? reach(data[name]) : 0);
      if (found >= 0) return { name, feature: found };
    }
    return null;
  }

  const outlines = { hover: null, selected: null };
  function outline(which, name, feature) {
    if (outlines[which]) outlines[which].remove();
    outlines[which] = null;
    if (!name) return;
    const layer = planner.data[name], rings = layer.outline(feature);
    const make = (options) => (layer.kind === "line" ? L.polyline(rings, options) : L.polygon(rings.map((ring) => [ring]), options));
    const common = { interactive: false, fill: false, lineJoin: "round" };
    outlines[which] = which === "hover" ? make({ ...common, color: "#1c1917", weight: 2 })
      : L.featureGroup([make({ ...common, color: "#ffffff", weight: 7 }), make({ ...common, color: "#0b57d0", weight: 3.5 })]);
    outlines[which].addTo(planner.map);
  }

  function closeCard() {
    const box = document.getElementById("card");
    const hadFocus = box.contains(document.activeElement);
    box.hidden = true;
    box.replaceChildren();
    outline("selected", null);
    if (hadFocus) (planner.cameFrom && planner.cameFrom.isConnected ? planner.cameFrom : planner.map.getContainer()).focus();
  }
  /* Show the card of a building, street or cell (by its number) or of a district (by its id). */
  planner.select = function (name, key, { isFar = false } = {}) {
    const layer = planner.data[name], { map } = planner;
    const feature = name === "districts" ? planner.districtFeature.get(key) : key;
    const box = document.getElementById("card");
    if (!box.contains(document.activeElement)) planner.cameFrom = document.activeElement;
    box.replaceChildren(el("button", { type: "button", class: "close", "aria-label": say("close"), click: closeCard }, "×"),
      planner.card[name](key));
    box.hidden = false;
    box.scrollTop = 0;
    outline("selected", name, feature);
    if (isFar) {
      goTo(map, layer.extent(feature), name === "buildings" ? Math.max(17, map.getZoom()) : 17, cardRoom(map, box));
    }
    document.getElementById("card-title").focus({ preventScroll: true });
  };
  /* How much of the map the card covers, so that what is shown stands beside it. */
  function cardRoom(map, box) {
    const mapBox = map.getContainer().getBoundingClientRect(), cardBox = box.getBoundingClientRect();
    const isBeside = cardBox.width < mapBox.width * 0.7;
    return isBeside ? [cardBox.width + 20, 0] : [0, Math.max(0, Math.min(mapBox.bottom - cardBox.top, mapBox.height * 0.8))];
  }
  /* Show a place in the middle of what the card leaves free, as large as the whole map allows. */
  function goTo(map, extent, closest, [right, bottom]) {
    const zoom = Math.min(closest, map.getBoundsZoom(extent));
    const middle = map.project(extent.getCenter(), zoom).add([right / 2, bottom / 2]);
    map.setView(map.unproject(middle, zoom), zoom, { animate: false });
  }
  function selectAt(latLng) {
    const hit = pick(latLng);
    if (!hit) return closeCard();
    const key = hit.name === "districts" ? planner.data.districts.get("id", hit.feature) : hit.feature;
    return planner.select(hit.name, key);
  }

  function listen(map) {
    map.on("click", (event) => selectAt(event.latlng));
    if (window.matchMedia("(hover: hover)").matches) {
      let last = null;
      map.on("mousemove", (event) => {
        const hit = pick(event.latlng), key = hit && hit.name + hit.feature;
        map.getContainer().classList.toggle("has-hit", Boolean(hit));
        if (key === last) return;
        last = key;
        outline("hover", hit && hit.name, hit && hit.feature);
      });
      map.on("mouseout", () => { last = null; outline("hover", null); });
    }
    const container = map.getContainer();
    container.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === container) selectAt(map.getCenter());
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !document.getElementById("card").hidden) closeCard();
    });
    listenToPaper(map);
  }

  /* Paper: the map gets its printed size before the page is laid out, shows what the screen shows (the whole
   * city without the empty ground around it), and is drawn anew at once, so that it prints as lines and areas. */
  function listenToPaper(map) {
    let before = null;
    window.addEventListener("beforeprint", () => {
      const whole = L.latLngBounds(planner.page.bounds), seen = map.getBounds();
      before ||= { centre: map.getCenter(), zoom: map.getZoom() };
      document.body.classList.add("on-paper");
      map.options.zoomSnap = 0; // tiles are enlarged to fit: they print sharp at any scale
      map.invalidateSize({ animate: false, pan: false });
      map.fitBounds(seen.contains(whole) ? whole : seen, { animate: false });
      for (const layer of Object.values(planner.canvas)) if (layer.redraw && map.hasLayer(layer)) layer.redraw();
      planner.drawAll();
    });
    window.addEventListener("afterprint", () => {
      document.body.classList.remove("on-paper");
      map.options.zoomSnap = 1;
      map.invalidateSize({ animate: false, pan: false });
      if (before) map.setView(before.centre, before.zoom, { animate: false });
      before = null;
    });
  }

  function build(map) {
    const container = map.getContainer();
    container.setAttribute("role", "application");
    container.setAttribute("aria-label", say("map_label"));
    const main = el("main", { id: "main" });
    container.replaceWith(main);
    main.append(container, el("section", { id: "card", "aria-label": say("card"), hidden: true }),
      el("span", { class: "crosshair", "aria-hidden": "true" }));
    document.body.prepend(el("a", { class: "skip", href: "#search" }, say("skip")), planner.buildPanel());
    const credits = L.control({ position: "bottomright" });
    credits.onAdd = () => el("div", { class: "credits" }, planner.credits());
    credits.addTo(map);
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
    const toggle = container.querySelector(".leaflet-control-layers-toggle");
    if (toggle) { toggle.title = say("layers"); toggle.setAttribute("aria-label", say("layers")); }
    for (const [name, key] of [["in", "zoom_in"], ["out", "zoom_out"]]) {
      const button = container.querySelector(".leaflet-control-zoom-" + name);
      if (button) { button.title = say(key); button.setAttribute("aria-label", say(key)); }
    }
  }

  function fail(problem) {
    // a page that cannot be read says so in words; the console keeps the details
    const sentence = planner.words.damaged || "This map cannot be shown: the file is damaged. Please ask for it again.";
    document.body.prepend(el("p", { class: "damaged", role: "alert" }, sentence));
    console.error(problem);
  }

  async function start(map, canvas) {
    planner.map = map;
    planner.canvas = canvas;
    planner.page = JSON.parse(document.getElementById("planner-page").textContent);
    planner.words = planner.page.words;
    planner.districtFeature = new Map();
    await load(canvas);
    for (let row = 0; row < planner.data.districts.count; row += 1) {
      planner.districtFeature.set(planner.data.districts.get("id", row), row);
    }
    build(map);
    map.invalidateSize({ animate: false });
    map.fitBounds(planner.page.bounds, { animate: false });
    planner.setTheme(planner.page.themes[0].id);
    canvas.ground.restyle();
    canvas.labels.restyle();
    listen(map);
  }
  planner.start = (map, canvas) => { planner.ready = start(map, canvas).catch(fail); };
})();
