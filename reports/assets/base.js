/* Ground for every script of the page: elements, words, numbers.
 * Text from data reaches the page as text only: nothing here or elsewhere writes markup. */
"use strict";
const planner = {};

(function () {
  const THIN = "\u202f"; // narrow space that does not break
  const SVG = "http://www.w3.org/2000/svg";

  /* Make an element. Attributes that are functions become listeners; strings among the children become text. */
  function make(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === null || value === undefined || value === false) continue;
      if (typeof value === "function") element.addEventListener(name, value);
      else if (value === true) element.setAttribute(name, "");
      else element.setAttribute(name, String(value));
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
  }
  planner.el = (tag, attributes, ...children) => make(document.createElement(tag), attributes, children);
  planner.svg = (tag, attributes, ...children) =>
    make(document.createElementNS(SVG, tag), attributes, children);

  /* Words of the interface; {name} is replaced by a value. A missing word is an error, not a blank. */
  planner.words = {};
  planner.say = function (key, values) {
    const sentence = planner.words[key];
    if (sentence === undefined) throw new Error("no words for " + key);
    return sentence.replace(/\{(\w+)\}/g, (whole, name) =>
      values && name in values ? String(values[name]) : whole);
  };
  /* The word for a value of the data, or the value itself where the catalogue has none. */
  planner.word = (prefix, value) => planner.words[prefix + value] ?? String(value).replaceAll("_", " ");

  function grouped(digits) {
    return digits.replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
  }
  /* A counted number, in full. */
  planner.count = (value) => grouped(String(Math.round(value)));
  /* A calculated number, with three figures at most; zeros at the end of a fraction say nothing. */
  planner.figure = function (value) {
    if (value === null || !Number.isFinite(value)) return "–";
    if (value === 0) return "0";
    const size = Math.abs(value);
    const [mantissa, exponent] = size.toExponential(2).split("e");
    const places = Math.max(0, 2 - Number(exponent));
    const rounded = Number(mantissa + "e" + exponent).toFixed(places);
    const [whole, fraction] = (rounded.includes(".") ? rounded.replace(/\.?0+$/, "") : rounded).split(".");
    return (value < 0 ? "−" : "") + grouped(whole) + (fraction ? "." + fraction : "");
  };
  planner.percent = (share) => planner.count(share * 100) + THIN + "%";

  /* Yearly energy in the unit that keeps the number short. */
  planner.energyUnit = function (kwh) {
    const size = Math.abs(kwh);
    if (size < 9995) return { unit: "kWh", factor: 1 };
    if (size < 9.995e6) return { unit: "MWh", factor: 1e-3 };
    return { unit: "GWh", factor: 1e-6 };
  };
  planner.energy = function (kwh) {
    const { unit, factor } = planner.energyUnit(kwh);
    return planner.figure(kwh * factor) + THIN + unit;
  };
  planner.quantity = (value, unit) => planner.figure(value) + (unit ? THIN + unit : "");

  /* Letters without accents, in lower case: what the search compares. */
  planner.fold = (text) => text.toLowerCase().normalize("NFKD").replace(/[\u0300-\u036f]/g, "")
    .replaceAll("ß", "ss").replaceAll("ø", "o").replaceAll("ł", "l").replaceAll("đ", "d").replaceAll("æ", "ae");
})();
