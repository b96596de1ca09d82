// The time as the caller last told it; within one event it stands still.

export class Clock {
  nowMs = 0
}
