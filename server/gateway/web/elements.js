// The elements of the page, by their ids.

/** @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {string} id of a button */
export const byButton = (id) => /** @type {HTMLButtonElement} */ (byId(id));

/**
 * What a template makes.
 *
 * @param {string} id of a <template> with one element in it
 */
export function made(id) {
  const template = /** @type {HTMLTemplateElement} */ (byId(id));
  return /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
}
