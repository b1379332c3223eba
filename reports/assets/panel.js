/* The panel beside the map: finding, search, themes, legend, districts, sources. */
"use strict";
(function () {
  const { el, say, word, count, figure, energy } = planner;
  const state = (planner.state = { theme: null, hidden: new Set(), codes: null });

  const table = (theme) => planner.data[theme.table];

  /* The class of every feature of a theme's table; the number of classes where there is no value. */
  function classify(theme) {
    const layer = table(theme), column = layer.columns[theme.column], none = theme.classes.length;
    const codes = new Uint8Array(layer.count).fill(none);
    if (!column) return codes;
    if (theme.categories.length) {
      const places = column.values.map((value) => theme.categories.indexOf(value));
      for (let row = 0; row < layer.count; row += 1) {
        const place = column.codes[row] ? places[column.codes[row] - 1] : -1;
        if (place >= 0) codes[row] = place;
      }
      return codes;
    }
    for (let row = 0; row < layer.count; row += 1) {
      const value = column.numbers[row];
      if (Number.isNaN(value)) continue;
      let place = 0;
      while (place < theme.breaks.length && value >= theme.breaks[place]) place += 1;
      codes[row] = place;
    }
    return codes;
  }

  /* How to paint the theme's layer: classes that are switched off lose their colour, not their place. */
  function styleOf(theme) {
    const { codes, hidden } = state, none = theme.classes.length;
    const isLine = theme.table === "streets";
    return {
      groups: theme.classes.map((each) => each.colour),
      missing: isLine ? null : theme.table === "buildings" ? theme.missing.colour : null,
      widths: theme.classes.map((each) => each.width),
      groupOf: (feature) => (hidden.has(codes[feature]) ? none : codes[feature]),
    };
  }
  function paint() {
    const { theme } = state;
    for (const name of ["cells", "districts", "streets", "buildings"]) {
      // squares lie below the buildings: these must not hide their colours
      const quiet = theme.table === "cells" && name === "buildings" ? { faint: 0.25 } : {};
      planner.canvas[name].restyle(name === theme.table ? styleOf(theme) : quiet);
    }
  }

  /* Put the theme's layer on the map and take away the ones that would cover it. */
  function arrange(theme) {
    const { map, canvas } = planner;
    for (const name of ["cells", "streets"]) {
      if (name === theme.table) map.addLayer(canvas[name]);
      else if (map.hasLayer(canvas[name])) map.removeLayer(canvas[name]);
    }
    if (!map.hasLayer(canvas[theme.table])) map.addLayer(canvas[theme.table]);
  }

  planner.setTheme = function (id) {
    const theme = planner.page.themes.find((each) => each.id === id) || planner.page.themes[0];
    state.theme = theme;
    state.hidden = new Set();
    state.codes = classify(theme);
    arrange(theme);
    paint();
    document.getElementById("finding").textContent = theme.finding;
    document.getElementById("legend").replaceChildren(legend(theme));
    const choice = document.getElementById("theme-" + theme.id);
    if (choice) choice.checked = true;
  };

  function legend(theme) {
    const counts = new Uint32Array(theme.classes.length + 1);
    for (const code of state.codes) counts[code] += 1;
    const rows = theme.classes.map((each, place) => ({ ...each, place })).concat(
      counts[theme.classes.length] ? [{ ...theme.missing, place: theme.classes.length }] : []);
    const line = (each) => {
      const swatch = el("span", { class: "swatch " + (theme.table === "streets" ? "swatch-line" : ""), "aria-hidden": "true" });
      swatch.style.backgroundColor = each.colour;
      if (theme.table === "streets") swatch.style.height = Math.max(2, each.width || 1.2) + "px";
      const isMissing = each.place === theme.classes.length;
      const box = isMissing ? el("span", { class: "no-check", "aria-hidden": "true" }) : el("input", {
        type: "checkbox", checked: true, id: "class-" + each.place,
        change: (event) => {
          if (event.target.checked) state.hidden.delete(each.place); else state.hidden.add(each.place);
          paint();
        },
      });
      return el("label", { class: "class" }, box, swatch, el("span", { class: "class-label" }, each.label),
        el("span", { class: "class-count" }, count(counts[each.place])));
    };
    return el("fieldset", { class: "legend" },
      el("legend", {}, theme.title),
      el("p", { class: "legend-unit" }, el("span", {}, theme.unit), el("span", {}, say("count_" + theme.table + (planner.page.isPublic && theme.table === "buildings" ? "_public" : "")))),
      ...rows.map(line),
      theme.note ? el("p", { class: "note" }, theme.note) : null);
  }

  function themeMenu() {
    const groups = [...new Set(planner.page.themes.map((theme) => theme.group))];
    return el("fieldset", { class: "themes" }, el("legend", {}, say("themes")),
      ...groups.map((group) => el("div", { class: "theme-group" },
        el("p", { class: "theme-heading", "aria-hidden": "true" }, say("group_" + group)),
        el("div", { class: "theme-list" }, ...planner.page.themes.filter((theme) => theme.group === group).map((theme) => {
          const ramp = el("span", { class: "ramp", "aria-hidden": "true" }, ...theme.classes.map((each) => {
            const piece = el("i", {});
            piece.style.backgroundColor = each.colour;
            return piece;
          }));
          return el("label", { class: "theme" },
            el("input", { type: "radio", name: "theme", id: "theme-" + theme.id, value: theme.id,
              change: () => planner.setTheme(theme.id) }),
            el("span", { class: "theme-title" }, theme.title), ramp);
        })))));
  }

  function search() {
    const results = el("ul", { id: "results", "aria-label": say("results") });
    const status = el("p", { class: "visually-hidden", role: "status", id: "result-status" });
    const field = el("input", { id: "search", type: "search", autocomplete: "off", spellcheck: "false",
      placeholder: say(planner.page.isPublic ? "search_hint_public" : "search_hint"), "aria-controls": "results",
      input: () => show(), keydown: (event) => {
        if (event.key === "Escape") { field.value = ""; show(); }
        if (event.key === "ArrowDown" && results.firstChild) { event.preventDefault(); results.querySelector("button").focus(); }
        if (event.key === "Enter" && results.firstChild) results.querySelector("button").click();
      } });
    function move(event) {
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (!step) return;
      event.preventDefault();
      const buttons = [...results.querySelectorAll("button")], next = buttons.indexOf(event.target) + step;
      (buttons[next] || field).focus();
    }
    function show() {
      const hits = planner.find(field.value);
      results.replaceChildren(...hits.map((hit) => el("li", {}, el("button", { type: "button", keydown: move,
        click: () => planner.select(hit.kind, hit.key, { isFar: true }) },
      el("span", { dir: "auto" }, hit.label), el("small", { dir: "auto" }, hit.more)))));
      const asked = field.value.trim().length > 1;
      status.textContent = asked ? say("result_count", { count: count(hits.length) }) : "";
      if (asked && !hits.length) results.append(el("li", { class: "note" }, say("nothing_found")));
    }
    return el("div", { class: "search", role: "search" }, el("label", { for: "search", class: "visually-hidden" }, say("search")),
      field, results, status);
  }

  function districtList() {
    const rows = planner.page.districts;
    const most = Math.max(...rows.map((district) => district.heatDensity || 0), 1e-9);
    return el("details", { open: rows.length <= 20, class: "districts" }, el("summary", {}, say("districts_title")),
      el("p", { class: "legend-unit" }, el("span", {}, say("districts_by")), el("span", {}, say("unit_mwh_ha"))),
      el("ol", {}, ...rows.slice().sort((one, other) => (other.heatDensity || 0) - (one.heatDensity || 0)).map((district) => {
        const bar = el("span", { class: "district-bar", "aria-hidden": "true" });
        bar.style.width = (100 * (district.heatDensity || 0) / most).toFixed(1) + "%";
        return el("li", {}, el("button", { type: "button", click: () => planner.select("districts", district.id, { isFar: true }) },
          el("span", { class: "district-name", dir: "auto" }, district.name),
          el("span", { class: "district-value" }, figure(district.heatDensity)), bar));
      })));
  }

  function sourceList() {
    const { page } = planner;
    return el("details", { class: "sources", id: "sources" }, el("summary", {}, say("sources_title")),
      ...page.statements.map((text) => el("p", { dir: "auto" }, text)),
      el("ul", {}, ...page.sources.map((source) => el("li", {}, el("b", { dir: "auto" }, source.title), " — ",
        [source.attribution, source.licence, source.date].filter(Boolean).join(", "))),
      ...page.references.map((each) => el("li", {}, [each.citation, each.licence].filter(Boolean).join(" — ")))),
      page.climate ? el("p", {}, say("climate", { origin: page.climate })) : null,
      page.rules ? el("p", {}, say("rules", { name: page.rules })) : null,
      page.leftOut.length ? el("p", {}, say("left_out")) : null,
      el("ul", {}, ...page.leftOut.map((text) => el("li", { dir: "auto" }, text))),
      el("p", {}, say(page.isPublic ? "limits_public" : "limits")),
      el("p", {}, say("made_with", { version: page.version })));
  }

  planner.credits = () => [...new Set(planner.page.sources.map((source) => source.attribution).filter(Boolean))].join(" · ");

  planner.buildPanel = function () {
    const { page } = planner;
    const dates = [...new Set(page.sources.map((source) => source.date).filter(Boolean))];
    return el("aside", { id: "panel", "aria-label": say("panel") },
      el("header", {},
        el("p", { class: "kicker" }, page.title),
        el("h1", { id: "finding", "aria-live": "polite" }),
        el("p", { class: "subtitle", dir: "auto" }, page.subtitle),
        el("p", { class: "subtitle" }, page.assessed),
        page.isPublic ? el("p", { class: "badge" }, say("public_badge")) : null),
      search(), el("div", { id: "legend" }), themeMenu(), districtList(), sourceList(),
      el("p", { class: "actions" }, el("button", { type: "button", class: "plain", click: () => window.print() }, say("print"))),
      el("footer", {}, planner.credits(), dates.length ? " · " + say("data_of", { dates: dates.join(", ") }) : ""));
  };
})();
