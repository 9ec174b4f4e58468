import type { ConversationId } from '../../shared/conversation.ts'
import type { FitDecision, FitQuestion } from '../../shared/protocol.ts'
import { PendingQuestions } from '../pending-questions.ts'

/** What a person is asked before a request that is too long. Nothing is sent where the question is taken back. */
export class FitQuestions extends PendingQuestions<FitQuestion, FitDecision> {
  constructor(changed: (conversation: ConversationId) => void) {
    super(changed, 'stop')
  }
}
