const JSON_MEDIA_TYPE = /^application\/(?:[\w.+-]+\+)?json$/i;

/** Whether a content type says JSON, whatever its parameters. */
export function isJson(contentType: string | undefined): boolean {
  const [mediaType = ''] = (contentType ?? '').split(';');
  return JSON_MEDIA_TYPE.test(mediaType.trim());
}
