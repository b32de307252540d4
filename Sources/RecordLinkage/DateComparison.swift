/// Days as the eight digits YYYYMMDD, right or wrong: a slip of the keyboard is compared, not refused.
enum DateDigits {
    /// Birth dates before this year, and after that one, are slips.
    static let earliestYear: UInt32 = 1880, latestYear: UInt32 = 2100

    /// The digits of a date in standard form, of eight digits, or of a year (and month) alone; 0 for anything else.
    static func parse(_ text: String) -> UInt32 {
        var digits: UInt32 = 0, count = 0
        for unit in text.utf8 {
            if (0x30...0x39).contains(unit) {
                count += 1
                if count > 8 { return 0 }
                digits = digits * 10 + UInt32(unit - 0x30)
            } else if unit != 0x2D && unit != 0x2F && unit != 0x2E {
                return 0
            }
        }
        switch count {
        case 8: return isTellingSlip(digits) ? digits : plausible(digits)
        case 6: return plausible(digits * 100)
        case 4: return plausible(digits * 10_000)
        default: return 0
        }
    }

    /// The date, or 0 where nobody alive was born then.
    static func plausible(_ digits: UInt32) -> UInt32 { digits / 10_000 >= earliestYear ? digits : 0 }

    /// Whether a day stands in a year in which nobody alive was born: beside the right date it shows as the slip that it is. A first of
    /// January there is what programs write who know no date.
    private static func isTellingSlip(_ digits: UInt32) -> Bool {
        plausible(digits) == 0 && digits % 100 != 0 && digits % 10_000 != 101
    }

    /// Whether somebody alive can have been born on a day: it is in the calendar.
    static func isPossible(_ date: UInt32) -> Bool {
        let year = date / 10_000, month = date / 100 % 100, day = date % 100
        guard (earliestYear...latestYear).contains(year), (1...12).contains(month), day >= 1 else { return false }
        let isLeap = year % 4 == 0 && year % 100 != 0 || year % 400 == 0
        return day <= (month == 2 ? (isLeap ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31)
    }
}

/// Compares dates of birth.
enum DateComparison {
    static let same: UInt8 = 1, exchanged: UInt8 = 2, slip: UInt8 = 3, otherYear: UInt8 = 4, twoSlips: UInt8 = 5
    static let partly: UInt8 = 6, sameYear: UInt8 = 7, different: UInt8 = 8
    /// One is a slip away from the other and in no calendar, or in a year in which nobody alive was born: it is a slip for certain, where
    /// of two good dates a slip apart most are two people's.
    static let slipToNoDay: UInt8 = 9, slipToNoYear: UInt8 = 10

    static func level(_ a: UInt32, _ b: UInt32) -> UInt8 {
        if a == 0 || b == 0 { return 0 }
        let yearA = a / 10_000, yearB = b / 10_000
        if min(yearA, yearB) < DateDigits.earliestYear {
            // Two such years say nothing, and a slip says nothing beside a date that it is no slip of.
            let isSlip = max(yearA, yearB) >= DateDigits.earliestYear && !isPartial(a) && !isPartial(b) && slips(a, b) == 1
            return isSlip ? slipToNoYear : 0
        }
        let monthA = a / 100 % 100, monthB = b / 100 % 100, dayA = a % 100, dayB = b % 100
        if isPartial(a) || isPartial(b) {
            let monthFits = monthA == 0 || monthB == 0 || monthA == monthB
            return yearA == yearB && monthFits ? partly : different
        }
        if a == b { return same }
        // The first of January is what stands where only the year is known.
        if yearA == yearB, a % 10_000 == 101 || b % 10_000 == 101 { return partly }
        if yearA == yearB, monthA == dayB, dayA == monthB { return exchanged }
        switch slips(a, b) {
        case 1: return DateDigits.isPossible(a) == DateDigits.isPossible(b) ? slip : slipToNoDay
        case 2: return monthA == monthB && dayA == dayB ? otherYear : twoSlips
        default: break
        }
        if monthA == monthB, dayA == dayB { return otherYear }
        return yearA == yearB ? sameYear : different
    }

    /// Whether the day, or day and month, are unknown; a month 00 with a day is a slip.
    private static func isPartial(_ date: UInt32) -> Bool { date % 100 == 0 }

    /// Whether two dates are whole and cannot be two spellings of one: more than a slip in two of year, month and day.
    static func contradict(_ a: UInt32, _ b: UInt32) -> Bool {
        let level = level(a, b)
        return level == different || level == sameYear
    }

    /// How many digits differ, an exchange of neighbours counted once.
    private static func slips(_ a: UInt32, _ b: UInt32) -> Int {
        var a = a, b = b, count = 0
        while a != b {
            if a % 10 == b % 10 {
                a /= 10
                b /= 10
                continue
            }
            count += 1
            let isExchange = a % 100 == b % 10 * 10 + b / 10 % 10
            a /= isExchange ? 100 : 10
            b /= isExchange ? 100 : 10
        }
        return count
    }
}
