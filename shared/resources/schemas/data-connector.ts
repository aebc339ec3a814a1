import * as z from 'zod';
import { flag, id, idOf, moment, number, object, oneOf, text, texts } from './fields.ts';

const projectIdList = z
  .union([z.array(z.string()), z.string()])
  .nullish()
  .meta({ description: 'A list of ids, or the same as JSON text.' });

/** What a request and its jobs have in common. */
const extractFields = {
  accountId: idOf('the account (hub)'),
  projectId: text,
  projectIdList,
  createdBy: text,
  createdByEmail: text,
  createdAt: moment,
};

export const dataConnectorRequest = object({
  id,
  description: text,
  isActive: flag,
  ...extractFields,
  updatedBy: text,
  updatedAt: moment,
  scheduleInterval: oneOf('ONE_TIME', 'DAY', 'WEEK', 'MONTH', 'YEAR'),
  reoccuringInterval: number,
  effectiveFrom: moment,
  effectiveTo: moment,
  lastQueuedAt: moment,
  serviceGroups: texts,
  callbackUrl: text,
  sendEmail: flag,
  startDate: moment,
  endDate: moment,
  dateRange: oneOf('TODAY', 'YESTERDAY', 'PAST_7_DAYS', 'MONTH_TO_DATE', 'LAST_MONTH', 'CUSTOM'),
  projectStatus: text,
});

export const dataConnectorJob = object({
  id,
  requestId: idOf('the request'),
  ...extractFields,
  status: oneOf('queued', 'running', 'complete'),
  completionStatus: oneOf('success', 'failed', 'cancelled'),
  startedAt: moment,
  completedAt: moment,
  sendEmail: flag,
  progress: number,
  lastDownloadedBy: text,
  lastDownloadedAt: moment,
  startDate: moment,
  endDate: moment,
});
