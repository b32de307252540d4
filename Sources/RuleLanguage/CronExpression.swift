#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The minutes at which something runs, as cron writes them: minute, hour, day of the month, month, day of the week.
///
/// Source: crontab(5) of Debian's cron. A field is `*`, a number, a range `1-5`, a list `1,15`, or either with a step `*/10`; months and
/// weekdays may be named by three English letters, Sunday is 0 or 7; `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly` stand for the
/// usual ones. Where neither day field begins with `*`, a day that suits either suits.
public struct CronExpression: Hashable, Sendable, CustomStringConvertible {
    /// As it was given, without blanks around and between.
    public let description: String
    /// A bit for each number that suits.
    private let minutes: UInt64, hours: UInt64, days: UInt64, months: UInt64, weekdays: UInt64
    private let suitsEitherDay: Bool

    private struct Field {
        let name: String, range: ClosedRange<Int>
        var names: [String] = []
    }

    private static let fields = [
        Field(name: "minute", range: 0...59), Field(name: "hour", range: 0...23), Field(name: "day", range: 1...31),
        Field(name: "month", range: 1...12, names: ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        Field(name: "weekday", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]

    private static let nicknames = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *",
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// - Throws: `rules.cron-fields`, `rules.cron-value`, `rules.cron-never` where no such day exists, as the 31st of February.
    public init(_ text: String) throws(RuleError) {
        let given = text.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
        description = given.joined(separator: " ")
        let parts = CronExpression.nicknames[description].map { $0.split(separator: " ").map(String.init) } ?? given
        guard parts.count == 5 else { throw RuleError(.cronFields, column: 0, ["count": String(parts.count)]) }
        var sets: [UInt64] = []
        for (field, part) in zip(CronExpression.fields, parts) { sets.append(try CronExpression.set(field, part)) }
        (minutes, hours, days, months) = (sets[0], sets[1], sets[2], sets[3])
        weekdays = sets[4] | (sets[4] >> 7 & 1)
        suitsEitherDay = !parts[2].hasPrefix("*") && !parts[4].hasPrefix("*")
        let lengths: [UInt64] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let longest = lengths.indices.filter { sets[3] >> UInt64($0 + 1) & 1 == 1 }.map { lengths[$0] }.max() ?? 0
        guard suitsEitherDay || days & ((2 << longest) - 1) != 0 else { throw RuleError(.cronNever, column: 0) }
    }

    private static func set(_ field: Field, _ text: String) throws(RuleError) -> UInt64 {
        func refuse(_ near: Substring) -> RuleError {
            RuleError(.cronValue, column: 0, [
                "field": field.name, "near": String(near.prefix(16)), "low": String(field.range.lowerBound), "high": String(field.range.upperBound),
            ])
        }
        func number(_ text: Substring) -> Int? {
            if let named = field.names.firstIndex(of: String(text)), !text.isEmpty { return named }
            guard !text.isEmpty, text.utf8.count <= 2, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(text) else { return nil }
            return field.range.contains(value) ? value : nil
        }
        var set: UInt64 = 0
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "/", omittingEmptySubsequences: false)
            var step = 1, range: ClosedRange<Int>
            if parts.count == 2 {
                guard let given = Int(parts[1]), given > 0, given <= field.range.upperBound, parts[1].first != "+" else { throw refuse(item) }
                step = given
            } else if parts.count != 1 {
                throw refuse(item)
            }
            let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
            if parts[0] == "*" {
                range = field.range
            } else if ends.count == 2, let low = number(ends[0]), let high = number(ends[1]), low <= high {
                range = low...high
            } else if ends.count == 1, parts.count == 1, let one = number(parts[0]) {
                range = one...one
            } else {
                throw refuse(item)
            }
            for value in stride(from: range.lowerBound, through: range.upperBound, by: step) { set |= 1 << UInt64(value) }
        }
        return set
    }

    /// The first minute after a moment that suits, by the clock of a place; nil where there is none within eight years, since no year has
    /// the day.
    ///
    /// A minute that a change of clocks leaves out is moved past the gap; one that comes twice counts once.
    public func next(after moment: Date, in zone: TimeZone) -> Date? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let first = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: moment.addingTimeInterval(60))
        guard let start = calendar.date(from: DateComponents(year: first.year, month: first.month, day: first.day)) else { return nil }
        for offset in 0...2_922 {
            guard let day = calendar.date(byAdding: .day, value: offset, to: start) else { return nil }
            let parts = calendar.dateComponents([.year, .month, .day, .weekday], from: day)
            guard suits(month: parts.month!, day: parts.day!, weekday: parts.weekday! - 1) else { continue }
            for hour in 0...23 where hours >> hour & 1 == 1 {
                for minute in 0...59 where minutes >> minute & 1 == 1 {
                    let wanted = DateComponents(year: parts.year, month: parts.month, day: parts.day, hour: hour, minute: minute)
                    guard let found = calendar.date(from: wanted), found > moment else { continue }
                    return found
                }
            }
        }
        return nil
    }

    private func suits(month: Int, day: Int, weekday: Int) -> Bool {
        guard months >> month & 1 == 1 else { return false }
        let isDay = days >> day & 1 == 1, isWeekday = weekdays >> weekday & 1 == 1
        return suitsEitherDay ? isDay || isWeekday : isDay && isWeekday
    }
}
