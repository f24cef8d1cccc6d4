/** What is typed as JSON. @param {string} text @param {string} field Its name on the page. */
export function jsonOf(text, field) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`“${field}” is not JSON: ${/** @type {Error} */ (error).message}`);
  }
}
