import * as z from 'zod';
import { AWS_ENVIRONMENT } from './stage.ts';

const answer = z.object({
  ResourceTagMappingList: z.array(z.object({ ResourceARN: z.string() })),
  PaginationToken: z.string().optional(),
});

/** Everything in the account that carries the tag of a stage, by the Resource Groups Tagging API; sorted ARNs. */
export async function resourcesOf(stage: string): Promise<string[]> {
  const found: string[] = [];
  let token: string | undefined;
  do {
    const response = await fetch(AWS_ENVIRONMENT.AWS_ENDPOINT_URL, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'ResourceGroupsTaggingAPI_20170126.GetResources',
        // The emulator takes account, region and service from it, and checks no signature.
        authorization: `AWS4-HMAC-SHA256 Credential=${AWS_ENVIRONMENT.AWS_ACCESS_KEY_ID}/20261127/${AWS_ENVIRONMENT.AWS_REGION}/tagging/aws4_request, SignedHeaders=host, Signature=none`,
      },
      body: JSON.stringify({
        TagFilters: [{ Key: 'stage', Values: [stage] }],
        ...(token === undefined ? {} : { PaginationToken: token }),
      }),
    });
    const { ResourceTagMappingList, PaginationToken } = answer.parse(await response.json());
    found.push(...ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN));
    token = PaginationToken || undefined;
  } while (token !== undefined);
  return found.sort();
}
