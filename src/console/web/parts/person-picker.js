import { html } from 'htm/preact';
import { useEffect, useState } from 'preact/hooks';
import { call, queryOf } from '../api.js';

/** @import { UserList } from '../types.ts' */

const SUGGESTED = 12;
const PAUSE_MS = 150;

/**
 * Suggests ids as they are typed; any id may be asked for, also one that nobody knows.
 * @param {{ person: string, pick: (id: string) => void, action?: string }} props
 */
export function PersonPicker({ person, pick, action = 'Show' }) {
  const [text, setText] = useState(person);
  const [known, setKnown] = useState(/** @type {UserList['users']} */ ([]));
  useEffect(() => setText(person), [person]);
  useEffect(() => {
    const timer = setTimeout(async () => {
      const path = `/users${queryOf({ from: text === person ? '' : text, limit: SUGGESTED })}`;
      const found = await call(path).catch(() => ({ users: [] }));
      setKnown(/** @type {UserList} */ (found).users);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  /** @param {Event} event */
  const take = (event) => {
    event.preventDefault();
    if (text.trim()) pick(text.trim());
  };
  return html`<form class="picker" onSubmit=${take}>
    <label>Person
      <input name="person" list="people" value=${text} required maxlength="256" autocomplete="off"
        onInput=${(/** @type {InputEvent & { currentTarget: HTMLInputElement }} */ event) => setText(event.currentTarget.value)} />
    </label>
    <datalist id="people">${known.map(({ id, changes }) => html`<option value=${id}>${changes} events</option>`)}</datalist>
    <button type="submit">${action}</button>
  </form>`;
}
