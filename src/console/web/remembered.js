const PERSON = 'hamlet-person';

/** Who was looked at last, so that Home and Person open on somebody. */
export const person = {
  get: () => localStorage.getItem(PERSON),
  /** @param {string} id */
  set: (id) => localStorage.setItem(PERSON, id),
};

const LOOK = 'hamlet-look';
/** `auto` is what the machine says. */
export const look = {
  get: () => localStorage.getItem(LOOK) ?? 'auto',
  /** @param {string} name */
  set(name) {
    localStorage.setItem(LOOK, name);
    look.apply();
  },
  apply() {
    document.documentElement.dataset.look = look.get();
  },
};
