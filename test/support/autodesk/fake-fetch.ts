export interface SeenRequest {
  url: string;
  method: string;
  headers: Headers;
  body: string;
  redirect: string | undefined;
}

export type FakeResponse = Response | Error | ((request: SeenRequest) => Response | Promise<Response>);

/** A `fetch` that gives one answer after the other, the last one for ever, and keeps what was asked. */
export function fakeFetch(...answers: FakeResponse[]) {
  const seen: SeenRequest[] = [];
  const fetch: typeof globalThis.fetch = async (input, init = {}) => {
    const request: SeenRequest = {
      url: String(input),
      method: init.method ?? 'GET',
      headers: new Headers(init.headers),
      body: typeof init.body === 'string' ? init.body : '',
      redirect: init.redirect,
    };
    seen.push(request);
    const answer = answers[Math.min(seen.length, answers.length) - 1];
    if (answer === undefined) throw new TypeError('no answer planned');
    if (answer instanceof Error) throw answer;
    if (answer instanceof Response) return answer.clone();
    return answer(request);
  };
  return { fetch, seen };
}

/** What fetch throws when the connection fails with one of the system's error codes. */
export function connectionError(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error('socket'), { code }) });
}

export function json(value: unknown, init: ResponseInit = {}): Response {
  return new Response(JSON.stringify(value), { headers: { 'content-type': 'application/json' }, ...init });
}
