// @ts-check
/** Loads the view's module, whose text is the trait `module`, once per page and text. It draws nothing itself. */

const KEY = Symbol.for("sfn_notebook.view_modules");

/** @param {string} text */
function moduleOf(text) {
  /** @type {Map<string, Promise<any>>} */
  const modules = (/** @type {any} */ (globalThis)[KEY] ??= new Map());
  let loading = modules.get(text);
  if (!loading) {
    const address = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    loading = import(address).finally(() => URL.revokeObjectURL(address));
    modules.set(text, loading);
  }
  return loading;
}

/** @param {{model: any, el: HTMLElement}} place */
async function render(place) {
  const module = await moduleOf(place.model.get("module"));
  return module.default.render(place);
}

export default { render };
