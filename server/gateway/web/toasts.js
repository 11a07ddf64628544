// Short messages, some with something to press.

const SHOWN_MS = 10000;
const MOST = 4;

/** Shows messages one above the other; each goes after ten seconds unless it is pointed at or has the focus. */
export class Toasts {
  #root;

  constructor(root) {
    this.#root = root;
  }

  /** `action` is an optional {label, run}; the message goes when it is pressed. */
  tell(text, action = null) {
    return this.#add("toast", text, action);
  }

  /** Tells an error of the API with what can be done about it. */
  fail(error) {
    const remedy = error.remedy ? ` ${error.remedy}` : "";
    return this.#add("toast failure", `${error.message}${remedy}`, null);
  }

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
    while (this.#root.childElementCount > MOST) this.#root.firstElementChild.remove();
    this.#expire(toast);
    return toast;
  }

  #expire(toast) {
    setTimeout(() => {
      if (toast.matches(":hover, :focus-within")) this.#expire(toast);
      else toast.remove();
    }, SHOWN_MS);
  }
}
