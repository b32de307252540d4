/// Instants as RFC 3339 texts in UTC, by the proleptic Gregorian calendar; without Foundation, so that it is cheap.
public enum Timestamp {
    /// `2024-05-17T09:30:00.123456Z`; the fraction is left out where it is zero. A year that four digits do not hold is
    /// written with its sign (ISO 8601, expanded).
    public static func text(microseconds: Int64) -> String {
        let (seconds, fraction) = flooredDivision(microseconds, 1_000_000)
        let (days, second) = flooredDivision(seconds, 86_400)
        let date = civil(days: days)
        let clock = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }.joined(separator: ":")
        let sign = date.year < 0 ? "-" : date.year > 9999 ? "+" : ""
        return "\(sign)\(padded(abs(date.year), 4))-\(padded(date.month, 2))-\(padded(date.day, 2))T\(clock)"
            + (fraction == 0 ? "" : "." + padded(fraction, 6)) + "Z"
    }

    /// `2024-05-17` of an instant, in UTC.
    public static func dateText(microseconds: Int64) -> String {
        String(text(microseconds: microseconds).prefix { $0 != "T" })
    }

    /// Reads `YYYY-MM-DD`, or with `T` or a space a time of day, a fraction and `Z` or an offset; without an offset UTC.
    public static func microseconds(_ text: String) -> Int64? {
        var rest = Array(text.utf8)[...]
        guard let year = year(&rest), take(&rest, "-"), let month = digits(&rest, 2), take(&rest, "-"),
            let day = digits(&rest, 2), isDate(year: year, month: month, day: day) else { return nil }
        var seconds = daysFromCivil(year: year, month: month, day: day) * 86_400
        var fraction: Int64 = 0
        if !rest.isEmpty {
            guard take(&rest, "T") || take(&rest, "t") || take(&rest, " "), let hour = digits(&rest, 2), hour < 24,
                take(&rest, ":"), let minute = digits(&rest, 2), minute < 60 else { return nil }
            seconds += hour * 3600 + minute * 60
            if take(&rest, ":") {
                guard let second = digits(&rest, 2), second < 61 else { return nil }
                seconds += second
                if take(&rest, ".") {
                    var scale: Int64 = 100_000, count = 0
                    while let digit = digits(&rest, 1) { fraction += digit * scale; scale /= 10; count += 1 }
                    guard count > 0 else { return nil }
                }
            }
            if take(&rest, "Z") || take(&rest, "z") || rest.isEmpty {
                guard rest.isEmpty else { return nil }
            } else {
                let sign: Int64 = take(&rest, "+") ? 1 : take(&rest, "-") ? -1 : 0
                guard sign != 0, let hour = digits(&rest, 2), hour < 24 else { return nil }
                _ = take(&rest, ":")
                guard let minute = rest.isEmpty ? 0 : digits(&rest, 2), minute < 60, rest.isEmpty else { return nil }
                seconds -= sign * (hour * 3600 + minute * 60)
            }
        }
        // Before 1970 the second after is the nearer one to zero: the first instants would overflow in between otherwise.
        let borrowed: Int64 = seconds < 0 ? 1 : 0
        let (scaled, overflow) = (seconds + borrowed).multipliedReportingOverflow(by: 1_000_000)
        let (microseconds, carry) = scaled.addingReportingOverflow(fraction - borrowed * 1_000_000)
        return overflow || carry ? nil : microseconds
    }

    /// Takes four digits, or a sign and four to six.
    private static func year(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        let sign: Int64 = take(&rest, "-") ? -1 : take(&rest, "+") ? 1 : 0
        guard sign != 0 else { return digits(&rest, 4) }
        let count = rest.prefix { $0 != UInt8(ascii: "-") }.count
        guard (4...6).contains(count), let year = digits(&rest, count) else { return nil }
        return sign * year
    }

    /// Whether the calendar has this day.
    public static func isDate(year: Int64, month: Int64, day: Int64) -> Bool {
        guard (1...12).contains(month), day >= 1 else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return day <= lengths[Int(month) - 1]
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }

    private static func digits(_ rest: inout ArraySlice<UInt8>, _ count: Int) -> Int64? {
        guard rest.count >= count else { return nil }
        var value: Int64 = 0
        for unit in rest.prefix(count) {
            guard (48...57).contains(unit) else { return nil }
            value = value * 10 + Int64(unit - 48)
        }
        rest = rest.dropFirst(count)
        return value
    }

    private static func take(_ rest: inout ArraySlice<UInt8>, _ unit: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(unit.value) else { return false }
        rest = rest.dropFirst()
        return true
    }

    private static func flooredDivision(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// Days since 1970-01-01. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
    public static func daysFromCivil(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = flooredDivision(shifted, 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The inverse of `daysFromCivil`.
    public static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = flooredDivision(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
