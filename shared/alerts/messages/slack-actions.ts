import { INCIDENT_ACTIONS, type IncidentAction } from '../incidents/incident-action.ts';

type PlainText = { type: 'plain_text'; text: string; emoji: false };

interface Button {
  type: 'button';
  action_id: IncidentAction;
  text: PlainText;
  value: string;
  style?: 'primary';
}

/** The buttons of one incident; `block_id` is the incident's id. */
export interface ActionsBlock {
  type: 'actions';
  block_id: string;
  elements: Button[];
}

/** The same actions behind three dots: 2 to 5 of them, with values of 150 characters at most (limits of Slack). */
interface OverflowMenu {
  type: 'overflow';
  action_id: string;
  options: { text: PlainText; value: string }[];
}

export type Accessory = OverflowMenu | Button;

const LABELS: Record<IncidentAction, string> = {
  acknowledge: 'Acknowledge',
  silence: 'Silence 1 day',
  undo: 'Undo',
};

export function buttons(incidentId: string, actions: readonly IncidentAction[]): ActionsBlock {
  return {
    type: 'actions',
    block_id: incidentId,
    elements: actions.map((action) => button(incidentId, action)),
  };
}

/** What stands beside the text of an incident that has no block for buttons; undefined where nothing can be done. */
export function accessory(incidentId: string, actions: readonly IncidentAction[]): Accessory | undefined {
  const [first, ...others] = actions;
  if (first === undefined) return undefined;
  if (others.length === 0) return button(incidentId, first);
  return {
    type: 'overflow',
    action_id: 'incident',
    options: actions.map((action) => ({
      text: plain(LABELS[action]),
      value: actionValue(action, incidentId),
    })),
  };
}

/** What a click carries, taken apart; undefined where it is not one of ours. */
export function readActionValue(value: string): { action: IncidentAction; incidentId: string } | undefined {
  const [, name, incidentId] = /^(\w+) (\S+)$/.exec(value) ?? [];
  const action = INCIDENT_ACTIONS.find((known) => known === name);
  return action === undefined || incidentId === undefined ? undefined : { action, incidentId };
}

function button(incidentId: string, action: IncidentAction): Button {
  return {
    type: 'button',
    action_id: action,
    text: plain(LABELS[action]),
    value: actionValue(action, incidentId),
    ...(action === 'acknowledge' && { style: 'primary' as const }),
  };
}

function actionValue(action: IncidentAction, incidentId: string): string {
  return `${action} ${incidentId}`;
}

function plain(text: string): PlainText {
  return { type: 'plain_text', text, emoji: false };
}
