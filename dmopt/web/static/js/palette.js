/** Colours, the same as on the static maps (dmopt/maps/palette.py; a test compares). */

/** Okabe and Ito (2008): told apart by colour-blind readers. */
export const FAMILY_COLOURS = [
  "#D55E00",
  "#0072B2",
  "#009E73",
  "#CC79A7",
  "#E69F00",
  "#56B4E9",
  "#F0E442",
  "#6A3D9A",
  "#000000",
];

/** From light to dark in one hue: they also print in grey. */
export const SHADES = {
  demand: ["#F1F4F6", "#DAE2E8", "#BDCAD4", "#9BAEBD", "#768EA2"],
  access: ["#FBF5E9", "#F3E3C3", "#E6CA98", "#CFA96D", "#AD8549"],
  deprivation: ["#F5F1F8", "#E3D9EA", "#CBBAD8", "#AF99C2", "#8E74A8"],
};

export const NO_VALUE = "#FFFFFF";
export const INK = "#22282E";
export const QUIET = "#6B757E";
export const PAPER = "#FCFCFA";
export const OUTLINE = "#B8C0C7";
export const OPEN = "#00674F";
export const SHUT = "#8C2D19";
export const WISH_OPEN = "#0057A0";

/** A colour for each product, in the instance's order. */
export function productColours(products) {
  return new Map(
    products.map(({ id }, place) => [id, FAMILY_COLOURS[place % FAMILY_COLOURS.length]]),
  );
}
