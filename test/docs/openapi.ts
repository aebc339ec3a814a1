import * as z from 'zod';
import { problemDetails } from '../../functions/http/http.ts';
import { accepted } from '../../functions/intake/answers.ts';
import { TITLES } from '../../functions/intake/callback-refused-error.ts';
import { REFUSALS } from '../../functions/slack/receive-click.ts';
import { VERSION } from '../../infra/version.ts';
import { callbackBody } from '../../shared/callbacks/callback.ts';

const schemaOf = (schema: z.ZodType) => {
  const { $schema: _dialect, ...described } = z.toJSONSchema(schema, { io: 'input' });
  return described;
};

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** The HTTP endpoints of a stage, as OpenAPI 3.1, from the schemas that the functions use. */
export function openApiDocument(): string {
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'buildingconnected-sync',
      version: VERSION,
      description:
        'The callback endpoint for Data Connector (`npm run ops -- callback-url` prints its URL, with the token), and the endpoint for buttons in Slack (`npm run ops -- slack-manifest` prints its URL).',
    },
    paths: {
      '/callbacks/data-connector/{token}': {
        post: {
          summary: 'Data Connector tells that a job has ended',
          description:
            'The body is only a hint: job and request are read from Autodesk before anything is stored.',
          parameters: [
            {
              name: 'token',
              in: 'path',
              required: true,
              schema: { type: 'string' },
              description: 'the secret part of the callback URL',
            },
          ],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Callback' } } },
          },
          responses: {
            202: {
              description: 'Taken',
              content: { 'application/json': { schema: { $ref: '#/components/schemas/Accepted' } } },
            },
            ...Object.fromEntries(Object.entries(TITLES).map(([status, title]) => [status, problem(title)])),
            500: problem('Internal error'),
            503: problem('Temporarily unavailable; `retry-after` says when to try again'),
          },
        },
      },
      '/slack/actions': {
        post: {
          summary: 'Slack tells that somebody has pressed a button in a message of ours',
          description:
            'Only with the Slack app. The raw body is signed: https://docs.slack.dev/authentication/verifying-requests-from-slack',
          parameters: ['x-slack-request-timestamp', 'x-slack-signature'].map((name) => ({
            name,
            in: 'header',
            required: true,
            schema: { type: 'string' },
          })),
          requestBody: {
            required: true,
            content: {
              'application/x-www-form-urlencoded': {
                schema: {
                  type: 'object',
                  properties: {
                    payload: { type: 'string', description: 'a `block_actions` payload, as JSON' },
                  },
                  required: ['payload'],
                },
              },
            },
          },
          responses: {
            200: { description: 'Taken; the message is changed a moment later' },
            ...Object.fromEntries(
              Object.entries(REFUSALS).map(([status, { title }]) => [status, problem(title)]),
            ),
            503: problem('Temporarily unavailable; the person has to press again'),
          },
        },
      },
    },
    components: {
      schemas: {
        Callback: schemaOf(callbackBody),
        Accepted: schemaOf(accepted),
        Problem: schemaOf(problemDetails),
      },
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
