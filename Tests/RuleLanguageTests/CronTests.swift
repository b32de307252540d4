import Foundation
import Testing

@testable import RuleLanguage

@Suite struct CronTests {
    private let shanghai = TimeZone(identifier: "Asia/Shanghai")!

    /// - Parameter text: `YYYY-MM-DD HH:MM` by the clock of a place.
    private func date(_ text: String, in zone: TimeZone? = nil) throws -> Date {
        let numbers = text.split { !$0.isNumber }.compactMap { Int($0) }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone ?? shanghai
        return try #require(calendar.date(from: DateComponents(year: numbers[0], month: numbers[1], day: numbers[2], hour: numbers[3], minute: numbers[4])))
    }

    @Test(arguments: [
        ("0 3 * * *", "2026-01-01 02:59", "2026-01-01 03:00"),
        ("0 3 * * *", "2026-01-01 03:00", "2026-01-02 03:00"),
        ("*/20 * * * *", "2026-01-01 10:40", "2026-01-01 11:00"),
        ("5,35 8-9 * * *", "2026-01-01 09:35", "2026-01-02 08:05"),
        ("0 9 * * mon-fri", "2026-01-02 09:00", "2026-01-05 09:00"),
        ("0 0 1 * *", "2026-01-31 12:00", "2026-02-01 00:00"),
        ("0 0 31 * *", "2026-01-31 00:00", "2026-03-31 00:00"),
        ("0 0 29 feb *", "2026-01-01 00:00", "2028-02-29 00:00"),
        ("0 0 * * 7", "2026-01-01 00:00", "2026-01-04 00:00"),
        // Either day suits where both are given; both must where one begins with a star.
        ("0 0 13 * fri", "2026-01-01 00:00", "2026-01-02 00:00"),
        ("0 0 */2 * fri", "2026-01-03 00:00", "2026-01-09 00:00"),
        ("@weekly", "2026-01-01 00:00", "2026-01-04 00:00"),
    ])
    func theNextMinute(expression: String, after: String, expected: String) throws {
        #expect(try CronExpression(expression).next(after: date(after), in: shanghai) == date(expected))
    }

    /// Against a reading minute by minute.
    @Test func randomExpressionsAgreeWithALookAtEachMinute() throws {
        var random = SeededNumbers(seed: printedSeed())
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = shanghai
        for _ in 0..<40 {
            let minute = Int.random(in: 0...59, using: &random), hour = Int.random(in: 0...23, using: &random)
            let day = Int.random(in: 1...28, using: &random), weekday = Int.random(in: 0...6, using: &random)
            let text = ["\(minute) \(hour) * * *", "\(minute) * \(day) * *", "\(minute) \(hour) * * \(weekday)", "\(minute) \(hour) \(day) * \(weekday)"]
                .randomElement(using: &random)!
            let parts = text.split(separator: " ")
            let began = try date("2026-02-20 00:00").addingTimeInterval(60 * Double(Int.random(in: 0..<20_000, using: &random)))
            func suits(_ date: Date) -> Bool {
                let now = calendar.dateComponents([.minute, .hour, .day, .weekday], from: date)
                guard now.minute == minute, parts[1] == "*" || now.hour == hour else { return false }
                let isDay = now.day == day, isWeekday = now.weekday! - 1 == weekday
                return switch (parts[2] == "*", parts[4] == "*") {
                case (true, true): true
                case (false, true): isDay
                case (true, false): isWeekday
                case (false, false): isDay || isWeekday
                }
            }
            var expected = began.addingTimeInterval(60)
            while !suits(expected) { expected += 60 }
            #expect(try CronExpression(text).next(after: began, in: shanghai) == expected, "\(text) after \(began)")
        }
    }

    /// In Berlin the minutes from two to three do not exist on 29 March 2026.
    @Test func aMinuteThatIsLeftOutIsMovedPastTheGap() throws {
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        let next = try #require(try CronExpression("30 2 * * *").next(after: date("2026-03-28 03:00", in: berlin), in: berlin))
        #expect(next == (try date("2026-03-29 03:30", in: berlin)))
    }

    @Test(arguments: [
        ("", "rules.cron-fields"), ("0 3 * *", "rules.cron-fields"), ("@often", "rules.cron-fields"), ("60 * * * *", "rules.cron-value"),
        ("* 24 * * *", "rules.cron-value"), ("* * 0 * *", "rules.cron-value"), ("* * * 13 *", "rules.cron-value"), ("5-1 * * * *", "rules.cron-value"),
        ("*/0 * * * *", "rules.cron-value"), ("1,,2 * * * *", "rules.cron-value"), ("5/2 * * * *", "rules.cron-value"), ("a * * * *", "rules.cron-value"),
        ("-1 * * * *", "rules.cron-value"), ("0 0 31 feb *", "rules.cron-never"), ("0 0 31 4,6,9,11 *", "rules.cron-never"),
    ])
    func refusals(text: String, code: String) {
        #expect { try CronExpression(text) } throws: { ($0 as? RuleError)?.code == code }
    }
}
