// Short messages, some with something to press.

const SHOWN_MS = 10000;
const MOST = 4;

/** @typedef {{label: string, run: () => void}} Action */

/** Shows messages one above the other; each goes after ten seconds unless it is pointed at or has the focus. */
export class Toasts {
  #root;

  /** @param {HTMLElement} root */
  constructor(root) {
    this.#root = root;
  }

  /**
   * The message goes when its action is pressed.
   *
   * @param {string} text
   * @param {Action | null} [action]
   */
  tell(text, action = null) {
    return this.#add("toast", text, action);
  }

  /**
   * Tells an error with what can be done about it.
   *
   * @param {Error & {remedy?: string}} error
   */
  fail(error) {
    const remedy = error.remedy ? ` ${error.remedy}` : "";
    return this.#add("toast failure", `${error.message}${remedy}`, null);
  }

  /**
   * @param {string} className
   * @param {string} text
   * @param {Action | null} action
   */
  #add(className, text, action) {
    const toast = document.createElement("div");
    toast.className = className;
    const words = document.createElement("p");
    words.textContent = text;
    toast.append(words);
    if (action) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "plain";
      button.textContent = action.label;
      button.addEventListener("click", () => {
        toast.remove();
        action.run();
      });
      toast.append(button);
    }
    this.#root.append(toast);
    while (this.#root.childElementCount > MOST) this.#root.firstElementChild?.remove();
    this.#expire(toast);
    return toast;
  }

  /** @param {HTMLElement} toast */
  #expire(toast) {
    setTimeout(() => {
      if (toast.matches(":hover, :focus-within")) this.#expire(toast);
      else toast.remove();
    }, SHOWN_MS);
  }
}
