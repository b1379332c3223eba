/* Search by district, street, name, address or id; accents and capitals do not matter. */
"use strict";
(function () {
  const { fold, say } = planner, MOST = 12;

  /* One entry a text of the lookup tables, not a building: ten thousand buildings have few streets. */
  function makeIndex() {
    const { buildings, streets } = planner.data;
    const texts = (layer, name) => (layer.columns[name] ? layer.columns[name].values.map(fold) : []);
    const streetOf = new Map();
    if (streets.columns.name) {
      for (let feature = streets.count - 1; feature >= 0; feature -= 1) streetOf.set(streets.columns.name.codes[feature], feature);
    }
    return {
      districts: planner.page.districts.map((district) => fold(district.name)),
      names: texts(buildings, "name"), addresses: texts(buildings, "street_name"), streets: texts(streets, "name"),
      streetOf,
    };
  }

  planner.find = function (query) {
    const asked = fold(query.trim());
    if (asked.length < 2) return [];
    const index = (planner.index ||= makeIndex()), { buildings, streets } = planner.data, hits = [];
    const add = (kind, key, label, more) => { if (hits.length < MOST) hits.push({ kind, key, label, more }); };
    planner.page.districts.forEach((district, place) => {
      if (index.districts[place].includes(asked)) add("districts", district.id, district.name, say("card_district"));
    });
    const numbered = asked.match(/^(.*?)\s+(\d+\s?[a-z]?)$/);
    const street = numbered ? numbered[1] : asked, number = numbered ? numbered[2].replace(/\s/g, "") : null;
    const matches = (list, text) => new Set(list.flatMap((each, place) => (each.includes(text) ? [place + 1] : [])));
    for (const code of matches(index.streets, asked)) {
      add("streets", index.streetOf.get(code), streets.columns.name.values[code - 1], say("card_street"));
    }
    const names = matches(index.names, asked), addresses = matches(index.addresses, street);
    const { name, street_name: streetName, house_number: houseNumber } = buildings.columns;
    for (let feature = 0; feature < buildings.count && hits.length < MOST; feature += 1) {
      if (name && names.has(name.codes[feature])) {
        add("buildings", feature, name.get(feature), planner.address(buildings, feature) || say("card_building"));
      } else if (streetName && addresses.has(streetName.codes[feature]) && houseNumber && houseNumber.get(feature)
        && (!number || fold(houseNumber.get(feature)).replace(/\s/g, "").startsWith(number))) {
        add("buildings", feature, planner.address(buildings, feature), say("card_building"));
      }
    }
    if (/\d/.test(asked)) {
      for (let feature = 0; feature < buildings.count && hits.length < MOST; feature += 1) {
        const id = buildings.get("id", feature);
        if (id && (id === asked || id.endsWith("/" + asked))) add("buildings", feature, id, say("card_building"));
      }
    }
    return hits;
  };
})();
