internal import Causality
internal import Messages
internal import NodeOperations

/// How schedules are shown.
extension WorkSchedule {
    static func time(_ stamp: Stamp?) -> String { stamp.map { TimeText.local($0.rawValue / 1_000) } ?? "–" }

    /// When it ran last, and what was unusual about it.
    var lastText: String {
        var text = WorkSchedule.time(lastRun)
        if let missed { text += " " + Catalogue.text("label.schedule-missed", ["time": WorkSchedule.time(missed)]) }
        if let error { text += " " + Catalogue.text("label.schedule-stopped", ["code": error]) }
        return text
    }

    /// All of it in a line.
    var text: String {
        Catalogue.text("crm.schedule-line", ["times": times, "last": lastText, "next": WorkSchedule.time(next)])
    }

    var data: JSONValue { .object([.init("times", .string(times))] + runs) }

    /// When it ran and runs.
    var runs: [JSONValue.Member] {
        [
            .init("lastRun", JSONValue(at: lastRun)), .init("missed", JSONValue(at: missed)), .init("error", JSONValue(error)),
            .init("next", JSONValue(at: next)),
        ]
    }
}
