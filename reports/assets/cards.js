/* Cards: what the map knows about one building, street, cell or district. */
"use strict";
(function () {
  const { el, svg, say, word, figure, count, percent, energy, energyUnit, quantity } = planner;
  const THIN = "\u202f";

  /* "likely between 330 and 510 MWh (8 in 10)", in the unit of the middle value. */
  function likelyEnergy(low, high, middle) {
    if (![low, high, middle].every(Number.isFinite)) return null;
    const { unit, factor } = energyUnit(middle);
    return say("likely", { low: figure(low * factor), high: figure(high * factor) + THIN + unit });
  }
  function likelyWhole(low, high) {
    return Number.isFinite(low) && Number.isFinite(high) && low < high ? say("likely", { low, high }) : null;
  }
  function origin(value) {
    return value ? el("span", { class: "origin origin-" + value }, word("origin_", value)) : null;
  }
  /* One line of a card; lines without a value are left out. */
  function row(name, value, ...more) {
    if (value === null || value === undefined || value === "") return null;
    return el("div", { class: "row" }, el("dt", {}, name), el("dd", {}, value, ...more.map((part) =>
      part instanceof Node ? part : part ? el("span", { class: "range" }, part) : null)));
  }
  function lead(value, unit, meaning, likely) {
    return el("div", { class: "lead" }, el("p", { class: "lead-number" }, el("b", {}, value), " ", unit),
      el("p", { class: "lead-meaning" }, meaning), likely ? el("p", { class: "range" }, likely) : null);
  }
  function leadEnergy(kwh, meaning, low, high) {
    if (!Number.isFinite(kwh)) return null;
    const { unit, factor } = energyUnit(kwh);
    return lead(figure(kwh * factor), say("per_year", { unit }), meaning, likelyEnergy(low, high, kwh));
  }
  const known = (value) => (Number.isFinite(value) ? value : null);

  function frame(kind, title, subtitle, ...content) {
    return el("article", { class: "card", "data-kind": kind },
      el("p", { class: "kicker" }, say("card_" + kind)),
      el("h2", { id: "card-title", tabindex: "-1", dir: "auto" }, title.charAt(0).toUpperCase() + title.slice(1)),
      subtitle ? el("p", { class: "card-sub" }, subtitle) : null, ...content);
  }
  function districtLink(id) {
    const district = planner.page.districts.find((each) => each.id === id);
    if (!district) return null;
    return el("button", { type: "button", class: "link", click: () => planner.select("districts", district.id) },
      el("span", { dir: "auto" }, district.name));
  }

  function address(layer, feature) {
    const street = layer.get("street_name", feature), number = layer.get("house_number", feature);
    return street ? (number ? street + " " + number : street) : null;
  }
  planner.address = address;

  /* A value per m² of floor, with its range. */
  function perFloor(name, key, number) {
    const value = number(key + "_kwh_per_m2"), low = number(key + "_low_kwh_per_m2"), high = number(key + "_high_kwh_per_m2");
    if (value === null) return null;
    return row(name, quantity(value, say("unit_kwh_m2")), low === null || high === null || low === high ? null
      : say("likely", { low: figure(low), high: figure(high) }));
  }
  const cents = (value) => (value === null ? null : say("cents", { value: figure(value) }));
  function renovation(number, text) {
    const saving = number("retrofit_saving_kwh"), price = number("retrofit_ct_per_kwh");
    if (!saving || price === null) return null;
    const saves = say("renovation_saves", { saving: energy(saving), price: figure(price) });
    return row(say("renovation"), word("ret_name_", text("retrofit_package") || "best"), saves);
  }

  function groupCard(layer, feature) {
    const get = (name) => known(layer.get(name, feature)), heat = get("heat_demand_kwh");
    const homes = get("group_count");
    return frame("group", homes ? say("homes", { count: count(homes) }) : say("few_homes"),
      districtLink(layer.get("district_id", feature)),
      el("p", { class: "note" }, say("group_note")),
      homes ? leadEnergy(heat, say("heat_demand")) : null,
      homes ? el("dl", {},
        row(say("heat_per_area"), get("heat_demand_kwh_per_m2") && quantity(get("heat_demand_kwh_per_m2"), say("unit_kwh_m2"))),
        row(say("floor_area"), get("heated_floor_area_m2") && quantity(get("heated_floor_area_m2"), "m²")),
        perFloor(say("electricity_use"), "electricity", get), perFloor(say("cold_use"), "cooling", get),
        row(say("renovation_cost"), cents(get("retrofit_ct_per_kwh"))),
        row(say("roof_solar"), get("pv_calibrated_kwh") && say("per_year", { unit: energy(get("pv_calibrated_kwh")) })),
        row(say("solar_cost"), cents(get("pv_ct_per_kwh")))) : null);
  }

  function buildingCard(feature) {
    const layer = planner.data.buildings, text = (name) => layer.get(name, feature);
    if (text("use") === "group_of_homes") return groupCard(layer, feature);
    const number = (name) => known(layer.get(name, feature));
    const heat = number("heat_demand_kwh"), use = word("use_", text("use") || "unknown");
    const place = address(layer, feature), id = text("id") || "";
    const isHeated = heat !== null && heat > 0;
    const storeys = number("storey_count"), year = number("construction_year");
    const solar = number("pv_calibrated_kwh");
    return frame("building", text("name") || place || use,
      [text("name") || place ? use : null, text("name") && place ? " · " + place : null],
      isHeated ? leadEnergy(heat, say("heat_demand"), number("heat_low_kwh"), number("heat_high_kwh"))
        : el("p", { class: "note" }, say("not_heated_note")),
      el("dl", {},
        isHeated ? row(say("heat_per_area"), number("heat_demand_kwh_per_m2") === null ? null
          : quantity(number("heat_demand_kwh_per_m2"), say("unit_kwh_m2"))) : null,
        isHeated ? row(say("space_heat"), number("space_heat_kwh") && energy(number("space_heat_kwh"))) : null,
        isHeated ? row(say("hot_water"), number("hot_water_kwh") && energy(number("hot_water_kwh"))) : null,
        isHeated ? row(say("peak_heat"), number("peak_heat_kw") && quantity(number("peak_heat_kw"), "kW")) : null,
        isHeated ? row(say("floor_area"), number("heated_floor_area_m2") && quantity(number("heated_floor_area_m2"), "m²")) : null,
        isHeated ? perFloor(say("electricity_use"), "electricity", number) : null,
        isHeated ? perFloor(say("cold_use"), "cooling", number) : null,
        renovation(number, text),
        solar ? row(say("roof_solar"), say("per_year", { unit: energy(solar) }),
          likelyEnergy(number("solar_low_kwh"), number("solar_high_kwh"), solar)) : null,
        number("pv_calibrated_kwp") ? row(say("solar_power"), quantity(number("pv_calibrated_kwp"), "kWp")) : null,
        solar ? row(say("solar_cost"), cents(number("pv_ct_per_kwh"))) : null,
        row(say("use"), use, origin(text("use_origin"))),
        row(say("storeys"), storeys === null ? null : String(Math.round(storeys)), origin(text("storey_count_origin")),
          likelyWhole(number("storey_low"), number("storey_high"))),
        row(say("height"), number("height_m") === null ? null : quantity(number("height_m"), "m"),
          origin(text("height_origin"))),
        row(say("year_built"), year === null ? null : String(Math.round(year)), origin(text("construction_year_origin")),
          likelyWhole(number("year_low"), number("year_high"))),
        ["likely", "listed"].includes(text("protection"))
          ? row(say("protection"), word("protection_", text("protection"))) : null,
        row(say("district"), districtLink(text("district_id"))),
        row(say("identifier"), id && !id.startsWith("shed/") ? el("code", {}, id) : null)));
  }

  function streetCard(feature) {
    const layer = planner.data.streets, number = (name) => known(layer.get(name, feature));
    const density = number("linear_heat_density_mwh_per_m");
    return frame("street", layer.get("name", feature) || say("unnamed_street"), null,
      density === null ? el("p", { class: "note" }, say(planner.page.isPublic ? "street_withheld" : "street_without_heat"))
        : lead(figure(density), say("unit_mwh_m"), say("linear_density")),
      el("dl", {},
        row(say("section_length"), quantity(number("length_m"), "m")),
        row(say("connected_heat"), number("connected_heat_mwh") && say("per_year", { unit: energy(number("connected_heat_mwh") * 1e3) })),
        row(say("buildings"), number("building_count") && count(number("building_count"))),
        row(say("pipe_size"), number("pipe_diameter_mm") && quantity(number("pipe_diameter_mm"), "mm"))));
  }

  function cellCard(feature) {
    const layer = planner.data.cells, number = (name) => known(layer.get(name, feature));
    const density = number("heat_density_mwh_per_ha");
    return frame("cell", say("cell_title"), null,
      density === null ? el("p", { class: "note" }, say("cell_withheld"))
        : lead(figure(density), say("unit_mwh_ha"), say("heat_density")),
      el("dl", {},
        row(say("heat_demand"), number("heat_demand_mwh") && say("per_year", { unit: energy(number("heat_demand_mwh") * 1e3) })),
        row(say("roof_solar"), number("pv_calibrated_mwh") && say("per_year", { unit: energy(number("pv_calibrated_mwh") * 1e3) })),
        row(say("plot_ratio"), number("plot_ratio") && figure(number("plot_ratio")))));
  }

  /* Bars of all districts, one of them dark: where this district stands. */
  function rankChart(district, key, title, unit) {
    const values = planner.page.districts.filter((each) => Number.isFinite(each[key]));
    if (values.length < 2 || !Number.isFinite(district[key])) return null;
    const sorted = values.slice().sort((one, other) => other[key] - one[key]);
    const place = sorted.indexOf(district) + 1, most = sorted[0][key] || 1;
    const width = 300, gap = sorted.length > 60 ? 0 : 2, step = width / sorted.length;
    const bars = sorted.map((each, index) => svg("rect", {
      x: (index * step).toFixed(2), width: Math.max(0.8, step - gap).toFixed(2),
      y: (44 - 42 * Math.max(0, each[key]) / most).toFixed(2),
      height: Math.max(1, 42 * Math.max(0, each[key]) / most).toFixed(2),
      class: each === district ? "bar-here" : "bar",
    }));
    const sentence = say("rank", { place: count(place), total: count(sorted.length) });
    return el("figure", { class: "rank" },
      el("figcaption", {}, el("b", {}, title), el("span", {}, quantity(district[key], unit) + " · " + sentence)),
      svg("svg", { viewBox: "0 0 300 46", role: "img", "aria-label": title + ": " + sentence, preserveAspectRatio: "none" },
        ...bars));
  }

  function reasons(title, list) {
    return list && list.length
      ? [el("h4", {}, title), el("ul", {}, ...list.map((reason) => el("li", { dir: "auto" }, reason)))] : [];
  }
  function lighthouseSection(district) {
    const lighthouse = district.lighthouse;
    if (!lighthouse && !district.alike.length && !district.different.length) return null;
    const named = lighthouse ? [lighthouse.name, lighthouse.city && !lighthouse.name.includes(lighthouse.city)
      ? ", " + lighthouse.city : ""].join("") : "";
    return el("section", {},
      el("h3", {}, say("lighthouse_title")),
      el("p", { class: "answer", dir: "auto" }, district.isAlike ? named : say("no_analogue")),
      !district.isAlike && lighthouse ? el("p", { dir: "auto" }, say("nearest_anyway", { name: named })) : null,
      district.likeness ? el("p", {}, district.likeness) : null,
      district.similarityNote ? el("p", { dir: "auto" }, district.similarityNote) : null,
      lighthouse && lighthouse.summary ? el("p", { dir: "auto" }, lighthouse.summary) : null,
      ...reasons(say("alike"), district.alike), ...reasons(say("different"), district.different));
  }
  function networkSection(district) {
    if (!district.networkClass) return null;
    return el("section", {}, el("h3", {}, say("network_title")),
      el("p", { class: "answer" }, word("network_", district.networkClass)),
      district.networkReason ? el("p", { dir: "auto" }, district.networkReason) : null);
  }
  /* What heat costs from a network and from the cheapest heat pump, and how sure the difference is. */
  function priceRows(district) {
    if (!Number.isFinite(district.networkPrice)) return [];
    const price = (value) => say("per_mwh", { value: figure(value) });
    const range = (low, high) => (Number.isFinite(low) && Number.isFinite(high)
      ? say("likely", { low: figure(low), high: figure(high) }) : null);
    return [
      row(say("network_heat_price"), price(district.networkPrice), range(district.networkPriceLow, district.networkPriceHigh)),
      Number.isFinite(district.pumpPrice)
        ? row(say("pump_heat_price"), price(district.pumpPrice), range(district.pumpPriceLow, district.pumpPriceHigh),
          Number.isFinite(district.networkWins) ? say("network_chance", { share: percent(district.networkWins) }) : null) : null];
  }
  function loadRow(district) {
    if (!Number.isFinite(district.peak)) return null;
    const [unit, factor] = district.peak >= 1e3 ? ["MW", 1e-3] : ["kW", 1];
    const likely = Number.isFinite(district.peakLow) && Number.isFinite(district.peakHigh)
      ? say("likely", { low: figure(district.peakLow * factor), high: figure(district.peakHigh * factor) + THIN + unit }) : null;
    return row(say("largest_heat"), quantity(district.peak * factor, unit), likely);
  }
  function savingRow(district) {
    if (!(district.saving > 0) || !Number.isFinite(district.savingPrice)) return null;
    const saves = say("renovation_saves", { saving: energy(district.saving * 1e3), price: figure(district.savingPrice * 100) });
    const saved = [district.savingLow, district.savingHigh, district.saving].map((mwh) => mwh * 1e3);
    return row(say("renovation"), saves, likelyEnergy(...saved));
  }

  function districtCard(id) {
    const district = planner.page.districts.find((each) => each.id === id);
    const mwh = (value) => (Number.isFinite(value) ? value * 1e3 : NaN);
    const yearly = (name, key) => row(name, Number.isFinite(district[key]) ? say("per_year", { unit: energy(mwh(district[key])) }) : null,
      likelyEnergy(mwh(district[key + "Low"]), mwh(district[key + "High"]), mwh(district[key])));
    return frame("district", district.name,
      [Number.isFinite(district.buildings) ? say("building_number", { count: count(district.buildings) }) : "",
        Number.isFinite(district.area) ? " · " + quantity(district.area, "ha") : "",
        district.border ? " · " + district.border : ""],
      leadEnergy(mwh(district.heat), say("heat_demand"), mwh(district.heatLow), mwh(district.heatHigh)),
      el("dl", {},
        row(say("linear_density"), Number.isFinite(district.linearDensity) ? quantity(district.linearDensity, say("unit_mwh_m")) : null),
        loadRow(district),
        yearly(say("electricity_use"), "power"), yearly(say("cold_use"), "cold"), savingRow(district),
        yearly(say("roof_solar"), "solar"), ...priceRows(district)),
      rankChart(district, "heatDensity", say("heat_density"), say("unit_mwh_ha")),
      networkSection(district), lighthouseSection(district));
  }

  planner.card = { buildings: buildingCard, streets: streetCard, cells: cellCard, districts: districtCard };
})();
