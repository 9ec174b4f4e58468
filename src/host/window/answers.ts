/** The answers of a window: the turns that write them, what fits into their models, and what is counted beforehand. */
import { Answers } from '../answers.ts'
import type { AnswerParts } from '../answers.ts'
import { Counting } from '../counting.ts'
import type { Chooser } from '../choice.ts'
import type { Connections } from '../connections.ts'
import type { Customising } from '../customisation/window.ts'
import type { WindowFitting } from '../fitting/index.ts'
import { windowFitting } from '../fitting/wire.ts'
import type { FittingWindow } from '../fitting/wire.ts'
import type { LiveLog } from '../live-log.ts'
import type { WindowFailover } from '../resilience/failover.ts'
import type { Notices } from '../services.ts'
import type { Watch } from '../telemetry/watch.ts'
import type { ToolSet } from '../tool-set.ts'
import type { Notice } from '../../shared/protocol.ts'

export type AnswersWindow = Pick<FittingWindow, 'memory' | 'settings' | 'store' | 'resilience' | 'underWay' | 'waits'> &
  Pick<AnswerParts, 'outcome'> & {
    /** Of this workspace. */
    words: NonNullable<AnswerParts['memory']>
    ended: NonNullable<AnswerParts['ended']>
    log: LiveLog
    watch: Watch
    notices: Notices
    failover: WindowFailover
    chooser: Chooser
    connections: Connections
    customising: Customising
    toolSet: ToolSet
  }

export type WindowAnswers = { answers: Answers; fitting: WindowFitting; counting: Counting }

export function windowAnswers({
  log,
  notices,
  toolSet,
  words,
  ended,
  outcome,
  ...window
}: AnswersWindow): WindowAnswers {
  const { memory, settings, store, resilience, watch, failover, chooser, connections, customising } = window
  const requestLog = log.from('request')
  const fitting = windowFitting({
    ...window,
    outcome,
    log: requestLog,
    changed: (conversation) => answers.tell(conversation, { type: 'changed' }),
  })
  const answers: Answers = new Answers({
    resilience,
    watch,
    customising,
    fitting: fitting.fitting,
    memory: words,
    tools: (conversation) => toolSet.toolbox(conversation),
    approvals: toolSet.approvals,
    store,
    log: requestLog,
    toolLog: log.from('tool'),
    ended,
    settings,
    choose: (conversation) => chooser.choose(conversation, true),
    chooseInstead: (conversation, target) => chooser.chooseInstead(conversation, target),
    kept: (conversation, chosen, asks) => failover.keptOf(conversation, chosen, asks),
    whyNone: (conversation) => chooser.whyNone(conversation),
    connect: (provider, keyProfile, conversation) => connections.open(provider, keyProfile, conversation),
    stored: (all) => (all ? notices.dismiss(NOT_STORED.id) : notices.add(NOT_STORED)),
    outcome,
  })
  const counting = new Counting({
    customising,
    store,
    settings,
    memory,
    fitting: fitting.fitting,
    counts: fitting.counts,
    choose: (conversation) => chooser.choose(conversation, false),
    busy: (conversation) => answers.running(conversation) !== undefined,
    tools: (conversation) => toolSet.toolbox(conversation),
  })
  return { answers, fitting, counting }
}

const NOT_STORED: Notice = {
  id: 'not-stored',
  level: 'error',
  text: 'The last answer could not be written to the database. It is tried again; keep this window open, and check that the disk is not full.',
  action: 'show-logs',
}
