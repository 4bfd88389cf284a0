import { expect, test } from 'vitest'
import { healthDeadline } from './health.ts'

const NOW = 1_000_000
const HOUR = NOW + 3_600_000
const NONE = Infinity

test.each([
  ['a carrier is expected to speak up', [NOW, NONE, NONE, 0, 0], NOW, 'silent'],
  ['messages are missing for a second', [HOUR, NOW, NONE, 0, 50], NOW + 1_000, 'stalled'],
  ['… or as long as an answer takes', [HOUR, NOW, NONE, 0, 1_600], NOW + 1_600, 'stalled'],
  ['a receipt is missing for two seconds', [HOUR, NONE, NOW, 0, 50], NOW + 2_000, 'not-received'],
  ['… or as long as an answer takes', [HOUR, NONE, NOW, 0, 4_000], NOW + 4_000, 'not-received'],
  ['… and longer for what is large', [HOUR, NONE, NOW, 10_000, 0], NOW + 12_000, 'not-received'],
  ['what is due first counts', [NOW + 500, NOW, NOW, 0, 0], NOW + 500, 'silent'],
] as const)(
  '%s',
  (_, [signOfLifeDue, missingSince, receiptOwedSince, uploadTime, answerTime], due, reason) => {
    expect(
      healthDeadline({
        signOfLifeDue,
        missingSince,
        receiptOwedSince,
        uploadTime,
        downloadTime: 0,
        answerTime,
      }),
    ).toEqual({ due, reason })
  },
)
