internal import Foundation
internal import Messages

/// Moments as text: exact and in UTC for programs, short and local for people.
///
/// Moments are milliseconds since 1970-01-01T00:00:00Z.
package enum TimeText {
    /// The moment as RFC 3339 in UTC with milliseconds, such as `2026-03-01T08:30:00.000Z`; texts sort as moments do.
    package static func rfc3339(_ milliseconds: Int64) -> String {
        let (days, inDay) = floorDivide(milliseconds, 86_400_000)
        let date = civilDate(daysSince1970: days)
        let seconds = inDay / 1000
        return [
            padded(date.year, 4), "-", padded(date.month, 2), "-", padded(date.day, 2), "T",
            padded(seconds / 3600, 2), ":", padded(seconds / 60 % 60, 2), ":", padded(seconds % 60, 2), ".",
            padded(inDay % 1000, 3), "Z",
        ].joined()
    }

    /// The moment in the machine's time zone to the minute, such as `2026-03-01 16:30`.
    package static func local(_ milliseconds: Int64) -> String {
        var seconds = time_t(floorDivide(milliseconds, 1000).quotient)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return [
            padded(Int64(parts.tm_year) + 1900, 4), "-", padded(Int64(parts.tm_mon) + 1, 2), "-",
            padded(Int64(parts.tm_mday), 2), " ", padded(Int64(parts.tm_hour), 2), ":", padded(Int64(parts.tm_min), 2),
        ].joined()
    }

    /// How long ago the moment was, such as `3 hours ago`, for up to a month; else the local time.
    package static func relative(_ milliseconds: Int64, now: Int64) -> String {
        let seconds = (now - milliseconds) / 1000
        switch seconds {
        case ..<(-60): return local(milliseconds)
        case ..<60: return Catalogue.text("label.just-now")
        case ..<3600: return Catalogue.text("label.minutes-ago", ["count": String(seconds / 60)])
        case ..<86_400: return Catalogue.text("label.hours-ago", ["count": String(seconds / 3600)])
        case ..<2_592_000: return Catalogue.text("label.days-ago", ["count": String(seconds / 86_400)])
        default: return local(milliseconds)
        }
    }

    /// A length of time as `0:07`, `12:30` or `1:05:00`.
    package static func clock(seconds: Int64) -> String {
        let rest = ":" + padded(seconds % 60, 2)
        return seconds < 3600 ? String(seconds / 60) + rest : "\(seconds / 3600):" + padded(seconds / 60 % 60, 2) + rest
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// The proleptic Gregorian date of a day, counted in eras of 400 years (146,097 days) that begin on 1 March.
    private static func civilDate(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floorDivide(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ number: Int64, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
