internal import Foundation
internal import Messages
internal import Synchronization

/// One line on standard error that says how far long work is, how fast it goes and how long it will take.
///
/// It appears after a second, only on a terminal, and disappears when the work is done.
package final class ProgressLine: Sendable {
    private struct State {
        var startMilliseconds: Int64
        var drawnMilliseconds: Int64 = 0
        var isVisible = false
    }

    private let title: String
    private let sink: (any OutputSink)?
    private let nowMilliseconds: @Sendable () -> Int64
    private let language: Language
    private let state: Mutex<State>
    private static let quietMilliseconds: Int64 = 1000
    private static let redrawMilliseconds: Int64 = 100

    /// - Parameters:
    ///   - title: what is being done, in the reader's language.
    ///   - sink: standard error; nil for no progress at all.
    ///   - nowMilliseconds: a clock that never goes back.
    package init(
        _ title: String, on sink: (any OutputSink)?,
        nowMilliseconds: @escaping @Sendable () -> Int64 = ProgressLine.monotonicMilliseconds
    ) {
        self.title = title
        self.sink = sink?.isTerminal == true ? sink : nil
        self.nowMilliseconds = nowMilliseconds
        language = .current
        state = Mutex(State(startMilliseconds: nowMilliseconds()))
    }

    /// Says how much is done, and of how much where that is known; draws at most ten times a second.
    package func advance(to done: Int, of total: Int? = nil) {
        guard let sink else { return }
        state.withLock { state in
            let now = nowMilliseconds()
            let elapsed = now - state.startMilliseconds
            guard elapsed >= Self.quietMilliseconds, now - state.drawnMilliseconds >= Self.redrawMilliseconds else { return }
            state.drawnMilliseconds = now
            state.isVisible = true
            let line = text(done: done, total: total, elapsedMilliseconds: elapsed)
            try? sink.write("\r" + DisplayWidth.truncated(line, to: (sink.size?.columns ?? 80) - 1) + "\u{1B}[K")
            try? sink.flush()
        }
    }

    /// Takes the line off the screen.
    package func finish() {
        guard let sink else { return }
        state.withLock { state in
            guard state.isVisible else { return }
            state.isVisible = false
            try? sink.write("\r\u{1B}[K")
            try? sink.flush()
        }
    }

    private func text(done: Int, total: Int?, elapsedMilliseconds: Int64) -> String {
        let perSecond = Int(Int64(done) * 1000 / max(1, elapsedMilliseconds))
        let rate = Catalogue.text("label.per-second", ["count": Self.grouped(perSecond)], in: language)
        guard let total, total > 0, done <= total else { return "\(title) \(Self.grouped(done)) \(rate)" }
        let percent = done * 100 / total
        var line = "\(title) \(Self.grouped(done))/\(Self.grouped(total)) \(percent)% \(rate)"
        if perSecond > 0 {
            let left = TimeText.clock(seconds: Int64((total - done) / perSecond))
            line += " " + Catalogue.text("label.time-left", ["time": left], in: language)
        }
        return line
    }

    /// A number with a comma between groups of three digits, as it is read in both languages.
    package static func grouped(_ number: Int) -> String {
        let digits = String(number.magnitude)
        var result = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += "," }
            result.append(digit)
        }
        return result
    }

    /// Milliseconds of a clock that never goes back (CLOCK_MONOTONIC).
    package static let monotonicMilliseconds: @Sendable () -> Int64 = {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
