import * as z from 'zod';

const resource = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.any()).default({}),
  DependsOn: z.array(z.string()).optional(),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
});
export type TemplateResource = z.infer<typeof resource>;

/** A template of CloudFormation, as far as tests look into it. */
export const stackTemplate = z.object({
  Resources: z.record(z.string(), resource),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Export: z.unknown().optional() }))
    .default({})
    // The CDK puts exports in an order that depends on what else the process has made before.
    .transform((outputs) => Object.fromEntries(Object.entries(outputs).sort(([a], [b]) => (a < b ? -1 : 1)))),
});
export type StackTemplate = z.infer<typeof stackTemplate>;
