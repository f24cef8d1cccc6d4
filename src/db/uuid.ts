const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a column of type uuid can be asked for it: PostgreSQL refuses the whole statement for anything else. */
export const isUuid = (text: string): boolean => UUID.test(text);
