import createClient from 'openapi-fetch';

export function openHamlet({ baseUrl, key, ...options }) {
  const headers = { ...(key && { authorization: `Bearer ${key}` }), ...options.headers };
  return createClient({ ...options, baseUrl, headers });
}
