import ProfileModel

/// Dates and instants, by the Gregorian calendar.
extension StandardForm {
    /// Appends `YYYY-MM-DD`, `YYYY-MM` or `YYYY`; a time of day after a whole date is left out.
    func appendDate(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        let date = try readDate(bytes)
        let start = output.count
        date.append(to: &output)
        if !lastDate.isEmpty, lastDate.lexicographicallyPrecedes(output[start...]) { throw .inFuture }
    }

    private func readDate(_ bytes: UTF8Bytes) throws(FormProblem.Reason) -> CalendarDate {
        var reader = ByteReader(bytes)
        do throws(FormProblem.Reason) {
            let date = try CalendarDate(&reader)
            if !reader.isAtEnd {
                guard date.day > 0, ClockTime(&reader) != nil else { throw FormProblem.Reason.notADate }
            }
            return date
        } catch {
            reader.index = 0
            if let date = CalendarDate(&reader, serialIn: spreadsheetDates) { return date }
            guard !bytes.isASCII, let spoken = ChineseDate(bytes) else { throw error }
            guard let date = spoken.gregorian, Timestamp.isDate(year: date.year, month: date.month, day: date.day) else { throw .noSuchDay }
            return date
        }
    }

    /// Appends the eight bytes of an instant in microseconds; a time of day without an offset is in UTC.
    func appendTime(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        var reader = ByteReader(bytes)
        let date: CalendarDate
        do { date = try CalendarDate(&reader) } catch { throw error == .notADate ? .notATime : error }
        guard date.day > 0 else { throw .notATime }
        var clock = ClockTime()
        if !reader.isAtEnd {
            guard let read = ClockTime(&reader) else { throw .notATime }
            clock = read
        }
        let days = Timestamp.daysFromCivil(year: date.year, month: date.month, day: date.day)
        output.append(bigEndian: (days * 86_400 + clock.seconds) * 1_000_000 + clock.microseconds)
    }
}

/// A date of which the day, or day and month, may be unknown (0).
struct CalendarDate {
    private(set) var year: Int64
    private(set) var month: Int64 = 0
    private(set) var day: Int64 = 0

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Takes `2024-01-15`, `2024/1/15`, `2024.1.15`, `2024年1月15日`, `20240115`, or the year, or year and month, of these.
    init(_ reader: inout ByteReader) throws(FormProblem.Reason) {
        guard let first = reader.digits(atMost: 8) else { throw .notADate }
        year = first.value
        if first.count == 8 {
            (year, month, day) = (first.value / 10_000, first.value / 100 % 100, first.value % 100)
            if reader.next.isDigit { throw .notADate }
        } else if first.count == 4 {
            try takeMonth(&reader)
        } else {
            throw .notADate
        }
        let known = (year: year, month: month == 0 ? 1 : month, day: day == 0 ? 1 : day)
        guard year > 0, first.count == 4 || month > 0 && day > 0,
            Timestamp.isDate(year: known.year, month: known.month, day: known.day) else { throw .noSuchDay }
    }

    private mutating func takeMonth(_ reader: inout ByteReader) throws(FormProblem.Reason) {
        if reader.isAtEnd { return }
        if reader.take("年") {
            reader.skipSpaces()
            if reader.isAtEnd { return }
            month = try part(&reader)
            guard reader.take("月") else { throw .notADate }
            reader.skipSpaces()
            if reader.isAtEnd { return }
            day = try part(&reader)
            if !reader.take("日") { _ = reader.take("号") }
            return
        }
        let separator = reader.next
        guard separator == 0x2D || separator == 0x2F || separator == 0x2E else { throw .notADate }
        reader.index += 1
        let start = reader.index
        month = try part(&reader)
        if reader.isAtEnd {
            // A spreadsheet writes October as 2024.1, and January too.
            if separator == 0x2E && reader.index - start == 1 { throw .notADate }
            return
        }
        guard reader.next == separator else { throw .notADate }
        reader.index += 1
        day = try part(&reader)
    }

    /// Takes a month or a day: one or two digits.
    private func part(_ reader: inout ByteReader) throws(FormProblem.Reason) -> Int64 {
        guard let part = reader.digits(atMost: 2), !reader.next.isDigit else { throw .notADate }
        if part.value == 0 { throw .noSuchDay }
        return part.value
    }

    func append(to output: inout [UInt8]) {
        output.append(UInt8(48 + year / 1000))
        output.append(UInt8(48 + year / 100 % 10))
        output.append(UInt8(48 + year / 10 % 10))
        output.append(UInt8(48 + year % 10))
        for part in [month, day] where part > 0 {
            output.append(0x2D)
            output.append(UInt8(48 + part / 10))
            output.append(UInt8(48 + part % 10))
        }
    }
}

/// A time of day.
struct ClockTime {
    /// Since midnight in UTC; an offset can make it negative.
    private(set) var seconds: Int64 = 0
    private(set) var microseconds: Int64 = 0

    init() {}

    /// Takes the rest: `T` or spaces, `H:MM`, `:SS`, a fraction, `Z` or an offset (RFC 3339).
    init?(_ reader: inout ByteReader) {
        if !reader.take("t") { reader.skipSpaces() }
        guard let hour = reader.digits(atMost: 2), hour.value < 24, reader.take(":"),
            let minute = reader.digits(atMost: 2), minute.count == 2, minute.value < 60 else { return nil }
        seconds = hour.value * 3600 + minute.value * 60
        if reader.take(":") {
            guard let second = reader.digits(atMost: 2), second.count == 2, second.value < 61 else { return nil }
            seconds += second.value
            if reader.take(".") || reader.take(",") {
                var scale: Int64 = 100_000, count = 0
                while let digit = reader.digits(atMost: 1) {
                    microseconds += digit.value * scale
                    scale /= 10
                    count += 1
                }
                if count == 0 { return nil }
            }
        }
        reader.skipSpaces()
        guard takeOffset(&reader), reader.isAtEnd else { return nil }
    }

    private mutating func takeOffset(_ reader: inout ByteReader) -> Bool {
        if reader.isAtEnd || reader.take("z") { return true }
        let sign: Int64 = reader.take("+") ? 1 : reader.take("-") ? -1 : 0
        guard sign != 0, let hour = reader.digits(atMost: 2), hour.count == 2, hour.value < 24 else { return false }
        _ = reader.take(":")
        guard let minute = reader.isAtEnd ? (value: 0, count: 2) : reader.digits(atMost: 2), minute.count == 2,
            minute.value < 60 else { return false }
        seconds -= sign * (hour.value * 3600 + minute.value * 60)
        return true
    }
}
