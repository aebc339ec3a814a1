import * as z from 'zod';
import type { Block } from './workspace.ts';

/** Limits of Block Kit: https://docs.slack.dev/reference/block-kit/blocks */
const MOST_BLOCKS = 50;
const text = (length: number) => z.looseObject({ text: z.string().min(1).max(length) });
const button = z.looseObject({
  type: z.literal('button'),
  action_id: z.string().min(1).max(255),
  text: text(75),
  value: z.string().max(2_000),
});
const overflow = z.looseObject({
  type: z.literal('overflow'),
  action_id: z.string().min(1).max(255),
  options: z
    .array(z.looseObject({ text: text(75), value: z.string().max(150) }))
    .min(2)
    .max(5),
});

const blocks = z
  .array(
    z.discriminatedUnion('type', [
      z.looseObject({ type: z.literal('header'), text: text(150) }),
      z.looseObject({
        type: z.literal('section'),
        text: text(3_000),
        accessory: z.discriminatedUnion('type', [button, overflow]).optional(),
      }),
      z.looseObject({
        type: z.literal('actions'),
        block_id: z.string().min(1).max(255),
        elements: z.array(button).min(1).max(25),
      }),
      z.looseObject({ type: z.literal('context'), elements: z.array(text(3_000)).min(1).max(10) }),
      z.looseObject({ type: z.literal('divider') }),
    ]),
  )
  .max(MOST_BLOCKS)
  .refine((all) => {
    const ids = all.flatMap(({ block_id: id }) => (id === undefined ? [] : [id]));
    return new Set(ids).size === ids.length;
  }, 'block_id must be unique');

/** Whether Slack would take these blocks. */
export function isTaken(candidate: readonly Block[]): boolean {
  return blocks.safeParse(candidate).success;
}
