import * as z from 'zod';

const GROUPS =
  'activities admin all assets cdcadmin cdccost cdciq cdcissues cdclocations cdcmarkups cdcmeetingminutes cdcrelationships cdcrfis cdcschedule cdcsheets cdcsubmittalsacc cdctransmittals checklists clashes classifications cost dailylogs estimates forms iq issues issuesbim360 locations markups meetingminutes packages photos relationships reviews rfis schedule sheets submittals submittalsacc takeoff transmittals'.split(
    ' ',
  );

const moment = z.iso.datetime({ offset: true, error: 'must be a time such as 2026-12-01T06:00:00Z' });

/**
 * What a new request may say, by the rules that Autodesk documents:
 * https://aps.autodesk.com/en/docs/acc/v1/reference/http/data-connector-requests-POST
 */
export function newRequest(nowMs: number) {
  return z
    .strictObject({
      description: z.string().max(500).exactOptional(),
      scheduleInterval: z.enum(['ONE_TIME', 'DAY', 'WEEK', 'MONTH', 'YEAR']),
      reoccuringInterval: z.int().min(1, 'must be 1 or more').exactOptional(),
      // One in the past would start at once, and one more for each interval since is not what anybody means.
      effectiveFrom: moment.refine((at) => Date.parse(at) >= nowMs - 60_000, 'must not be in the past'),
      effectiveTo: moment.exactOptional(),
      serviceGroups: z
        .array(z.enum(GROUPS, { error: `must be some of ${GROUPS.join(', ')}` }))
        .min(1, 'must name at least one group'),
      projectIdList: z.array(z.string()).max(50, 'must be 50 at most').exactOptional(),
      dateRange: z
        .enum(['TODAY', 'YESTERDAY', 'PAST_7_DAYS', 'MONTH_TO_DATE', 'LAST_MONTH', 'CUSTOM'])
        .exactOptional(),
      startDate: moment.exactOptional(),
      endDate: moment.exactOptional(),
      sendEmail: z.boolean().exactOptional(),
      callbackUrl: z.url(),
    })
    .superRefine((request, { addIssue }) => {
      const refuse = (path: string, message: string) => addIssue({ code: 'custom', path: [path], message });
      const isOnce = request.scheduleInterval === 'ONE_TIME';
      if (isOnce && request.reoccuringInterval !== undefined)
        refuse('reoccuringInterval', 'must be left out for ONE_TIME');
      if (!isOnce && request.reoccuringInterval === undefined)
        refuse('reoccuringInterval', 'is needed unless it is ONE_TIME');
      if (isOnce && request.effectiveTo !== undefined) refuse('effectiveTo', 'must be left out for ONE_TIME');
      if (!isOnce && request.effectiveTo === undefined)
        refuse('effectiveTo', 'is needed unless it is ONE_TIME');
      if (request.effectiveTo !== undefined && request.effectiveTo <= request.effectiveFrom)
        refuse('effectiveTo', 'must be after effectiveFrom');
      const hasBoth = request.startDate !== undefined && request.endDate !== undefined;
      if (request.dateRange === 'CUSTOM' && !hasBoth)
        refuse('dateRange', 'CUSTOM needs startDate and endDate');
      if (
        request.dateRange !== undefined &&
        request.dateRange !== 'CUSTOM' &&
        request.startDate !== undefined
      )
        refuse('startDate', 'has no effect beside this dateRange');
    });
}

/** Every problem of a request, each by the name that Data Connector gives the field. */
export function problemsOf(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path[0]?.toString() ?? ''} ${message}`).join('; ');
}
