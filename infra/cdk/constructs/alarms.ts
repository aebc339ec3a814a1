import type { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type MathExpression,
  type Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

/** What a person who is woken up needs to know first. An alarm cannot be made without it. */
export interface AlarmText {
  /** What breaks for users while this lasts; one or two sentences. */
  breaks: string;
}

export interface AlarmProps extends AlarmText {
  /** The heading in docs/runbook.md, as its anchor. */
  runbook: string;
  /** Which of several alike, where there are several. */
  subject?: string;
  metric: Metric | MathExpression;
  period: Duration;
  /** Alarms when the metric is `above` or `below` this number. */
  when: { above: number } | { below: number };
  /** For how many periods in a row. */
  periods: number;
  /** What it means that nothing was measured: that all is well, that it is broken, or nothing new. */
  missing: 'fine' | 'broken' | 'unknown';
}

/** Every alarm of a stage. Each tells the operations topic, when it starts and when it is over. */
export class Alarms extends Construct {
  readonly created: Alarm[] = [];
  readonly #prefix: string;
  readonly #action: SnsAction;

  constructor(scope: Construct, id: string, props: { prefix: string; topic: ITopic }) {
    super(scope, id);
    this.#prefix = props.prefix;
    this.#action = new SnsAction(props.topic);
  }

  add(props: AlarmProps): void {
    const name = props.subject === undefined ? props.runbook : `${props.runbook}-${props.subject}`;
    const alarm = new Alarm(this, name, {
      alarmName: `${this.#prefix}-${name}`,
      alarmDescription: `What breaks: ${props.breaks} What to do: docs/runbook.md#${props.runbook}`,
      metric: props.metric.with({ period: props.period }),
      evaluationPeriods: props.periods,
      treatMissingData: MISSING_DATA[props.missing],
      ...('above' in props.when
        ? { threshold: props.when.above, comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD }
        : { threshold: props.when.below, comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD }),
    });
    alarm.addAlarmAction(this.#action);
    alarm.addOkAction(this.#action);
    this.created.push(alarm);
  }
}

const MISSING_DATA = {
  fine: TreatMissingData.NOT_BREACHING,
  broken: TreatMissingData.BREACHING,
  unknown: TreatMissingData.IGNORE,
} as const;
