import * as z from 'zod';
import { problemDetails } from '../../functions/http/http.ts';
import { accepted, acceptedEvent } from '../../functions/intake/answers.ts';
import { TITLES } from '../../functions/intake/callback-refused-error.ts';
import { REFUSALS as WEBHOOK_REFUSALS } from '../../functions/intake/receive-webhook.ts';
import { REFUSALS } from '../../functions/slack/receive-click.ts';
import { VERSION } from '../../infra/version.ts';
import { callbackBody } from '../../shared/callbacks/callback.ts';
import { eventBody } from '../../shared/webhooks/webhook-event.ts';

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
        'The callback endpoint for Data Connector (`npm run ops -- callback-url` prints its URL, with the token), the endpoint for webhooks, and the endpoint for buttons in Slack (`npm run ops -- slack-manifest` prints its URL).',
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
      '/webhooks/autodesk': {
        post: {
          summary: 'Autodesk tells that something has happened to a bid or an opportunity',
          description:
            'Only with webhooks (`npm run ops -- webhooks create`). The raw body is signed: HMAC-SHA1 with the secret of the webhook. It is only a hint: the record is read from Autodesk before anything is stored.',
          parameters: [
            {
              name: 'x-adsk-signature',
              in: 'header',
              required: true,
              schema: { type: 'string' },
              description: '`sha1hash=` and the signature in hex',
            },
            {
              name: 'x-adsk-delivery-id',
              in: 'header',
              required: false,
              schema: { type: 'string' },
              description: 'the same whenever an event is sent again',
            },
          ],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Event' } } },
          },
          responses: {
            202: {
              description: 'Taken; the record is read a moment later',
              content: { 'application/json': { schema: { $ref: '#/components/schemas/AcceptedEvent' } } },
            },
            ...Object.fromEntries(
              Object.entries(WEBHOOK_REFUSALS).map(([status, { title }]) => [status, problem(title)]),
            ),
            500: problem('Internal error'),
            503: problem('It could not be stored in time; Autodesk sends it again'),
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
        Event: schemaOf(eventBody),
        AcceptedEvent: schemaOf(acceptedEvent),
        Problem: schemaOf(problemDetails),
      },
    },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
